"""Mails that may have arrived: what would cancel one leaves it to a person instead."""

from typing import Any

from sqlalchemy import BindParameter, case, literal

from database.tables import EffectRow
from database.transitions import changed, doubtful
from onboarding.effects.events import Event
from onboarding.effects.lifecycle import transition
from onboarding.model.vocabulary import EffectState

MAY_HAVE_ARRIVED = "it may have arrived, and is not sent again: "


def decided(event: Event, because: BindParameter[str], *states: EffectState) -> dict[str, Any]:
    """Return the new values of rows in these states for an event that the rules decided, with the reason."""
    values = {**changed(event, *states), "because": because}
    if event is Event.GIVEN_UP:
        unsettled = doubtful(transition(states[0], event))
        values["error"] = case((unsettled, literal(MAY_HAVE_ARRIVED) + because), else_=EffectRow.error)
    return values
