"""Applies the lifecycle table of effects to rows: which rows an event can happen to, and their new values.

The values are expressions of a row's present state, so that one statement serves any number of rows. The caller adds
what an event needs besides (a token, a due date, an error).
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, null

from database.statements import in_states
from database.tables import EffectRow, columns
from onboarding.effects.events import Event
from onboarding.effects.lifecycle import Count, Doubt, Lease, Transition, sources, transition
from onboarding.model.vocabulary import Channel, EffectState

FREE: dict[str, Any] = {"lease_token": None, "lease_until": None}


def can(event: Event) -> ColumnElement[bool]:
    """Return the condition that the event can happen to a row in its present state."""
    return in_states(EffectRow.state, *sources(event))


def changed(event: Event, *states: EffectState) -> dict[str, Any]:
    """Return the new values of rows in one of these states (none given: any in which the event can happen)."""
    found = {state: transition(state, event) for state in states or sources(event)}
    values = {state: _values(one) for state, one in found.items()}
    first, *others = values.values()
    if len(set(found.values())) == 1:
        return first
    names = sorted({name for one in (first, *others) for name in one})
    return {name: _by_state(name, values) for name in names}


def _by_state(name: str, values: dict[EffectState, dict[str, Any]]) -> Any:
    (kept,) = columns(EffectRow, name)
    whens = [(EffectRow.state == state.value, one.get(name, kept)) for state, one in values.items()]
    return case(*((when, null() if value is None else value) for when, value in whens), else_=kept)


def _values(one: Transition) -> dict[str, Any]:
    values: dict[str, Any] = {"state": _state(one)}
    match one.tries:
        case Count.ADDED:
            values["attempts"] = EffectRow.attempts + 1
        case Count.TAKEN_BACK:
            values |= {"attempts": EffectRow.attempts - 1, "first_try_at": None}
        case Count.RESET:
            values |= {"attempts": 0, "first_try_at": None, "first_left_at": None}
    match one.crashes:
        case Count.ADDED:
            values["crashes"] = EffectRow.crashes + 1
        case Count.TAKEN_BACK:
            values["crashes"] = EffectRow.crashes - 1
        case Count.RESET:
            values["crashes"] = 0
    if one.doubt is not Doubt.KEPT:
        values["in_doubt"] = one.doubt is Doubt.SET
    if one.lease is Lease.ENDS:
        values |= FREE
    elif one.lease is Lease.TOKEN:
        values["lease_until"] = None
    if one.made_anew:
        values["payload"] = None
    if one.frees_address:
        values["mail_to"] = None if one.in_doubt is None else case((doubtful(one), EffectRow.mail_to), else_=None)
    return values


def doubtful(one: Transition) -> ColumnElement[bool]:
    """Return the condition that the row goes to the state for what may have arrived."""
    marked = EffectRow.in_doubt
    return and_(marked, EffectRow.channel == Channel.MAIL.value) if one.mail_only else and_(marked)


def _state(one: Transition) -> Any:
    """Return the next state: ``Transition.after`` as an expression."""
    return one.to.value if one.in_doubt is None else case((doubtful(one), one.in_doubt.value), else_=one.to.value)
