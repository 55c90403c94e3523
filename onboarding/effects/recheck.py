"""The recheck before an effect leaves: does it still leave, to whom, and when? Pure.

The same rules that planned it judge it on the case as it is now, in live runs, dry runs and simulations alike.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from onboarding.dates.working_time import next_open
from onboarding.model.case import Case
from onboarding.model.effect import Leased, is_edit
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.review_case import Reviewed
from onboarding.touchpoints.windows import TOO_LATE

PARENT_WAIT = timedelta(minutes=5)
"""How long a reply or an edit waits before it looks for its message again. Ours."""

MOVED = "its reader has another address now"
ADDRESS_TAKEN = "another mail of this step goes to the same address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """It may leave now."""

    recipient: str
    composed_anew: bool
    """What was stored of it before does not serve."""


def as_planned(case: Case, keys: Collection[str]) -> Case:
    """Return the case as if these effects, which a worker holds, were still planned, so that the rules judge them."""
    lines = (replace(line, state=EffectState.PLANNED) if line.key in keys else line for line in case.effects)
    return replace(case, effects=tuple(lines))


def may_leave(effect: Leased, found: Reviewed, now: datetime) -> Leaves | EffectChange:
    """Return whether the effect leaves now, or what the rules decide instead.

    It leaves in its reader's working hours only; an edit, which notifies nobody, and a CRM row leave at any time.
    """
    change = next((one for one in found.review.changes if one.key == effect.key), None)
    if change is not None and (
        change.state is not EffectState.PLANNED or (change.due_at is not None and change.due_at > now)
    ):
        return change
    opens_at = _opens_at(effect, found, now)
    if opens_at > now:
        if effect.expires_at is not None and opens_at > effect.expires_at:
            return _given_up(effect, f"{TOO_LATE}the next working hours are past its time")
        because = "outside the reader's working hours; it waits for the next ones"
        return EffectChange(key=effect.key, state=EffectState.PLANNED, because=because, due_at=opens_at)
    recipient = (change.recipient if change else None) or effect.recipient
    moved = recipient.lower() != effect.recipient.lower()
    if moved and effect.in_doubt and effect.channel is Channel.MAIL:
        return _given_up(effect, MOVED)
    # An edit is the whole of what is to be seen, so one that is tried again shows how things stand by then. What was
    # refused at an address is composed anew for the next.
    return Leaves(recipient=recipient, composed_anew=moved or is_edit(effect))


def waits_for_parent(effect: Leased, case: Case | None, parent: str, now: datetime) -> EffectChange:
    """Return what becomes of a reply or an edit whose message is not out: it waits for it, and is given up with it."""
    lines = case.effects if case else ()
    state = next((line.state for line in lines if line.key == parent), EffectState.CANCELLED)
    if state in (EffectState.CANCELLED, EffectState.DEAD):
        return _given_up(effect, "its message never went out")
    because = "waits for the message it belongs to"
    return EffectChange(key=effect.key, state=EffectState.PLANNED, because=because, due_at=now + PARENT_WAIT)


def _given_up(effect: Leased, because: str) -> EffectChange:
    return EffectChange(key=effect.key, state=EffectState.CANCELLED, because=because)


def _opens_at(effect: Leased, found: Reviewed, now: datetime) -> datetime:
    """The first working moment of the reader at or after ``now``; that of the owner where the reader is not known."""
    if effect.channel is Channel.CRM or is_edit(effect):
        return now
    reader = found.person(effect.person_id) or found.case.owners.get(effect.person_id) or found.review.standing.owner
    zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
    return next_open(now, zone, found.case.calendar(country), found.playbook.pace.hours)
