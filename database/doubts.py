"""A mail that may have arrived is never called given up: what would cancel it leaves it to a person instead."""

from typing import Any

from sqlalchemy import BindParameter, and_, case, literal, not_

from database.tables import EFFECT
from onboarding.words import Channel, EffectState

MAY_HAVE_ARRIVED = "it may have arrived, and is not sent again: "


def fate(state: BindParameter[str], because: BindParameter[str]) -> dict[str, Any]:
    """The new values of an unsent effect for a change to ``state``. What is cancelled no longer stands in the way of
    another person with the same address; what may have arrived does."""
    given_up = state == EffectState.CANCELLED.value
    doubtful = and_(given_up, EFFECT.c.in_doubt, EFFECT.c.channel == Channel.MAIL.value)
    return {
        "state": case((doubtful, EffectState.UNKNOWN.value), else_=state),
        "because": because,
        "error": case((doubtful, literal(MAY_HAVE_ARRIVED) + because), else_=EFFECT.c.error),
        "mail_to": case((and_(given_up, not_(doubtful)), None), else_=EFFECT.c.mail_to),
    }
