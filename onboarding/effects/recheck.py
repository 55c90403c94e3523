"""The recheck before an effect is sent: whether, to whom and when. Pure.

The rules that planned it judge it again on the current case, in live runs, dry runs and simulations alike.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from onboarding.dates.working_time import next_open
from onboarding.model.case import Case
from onboarding.model.effect import Leased, is_edit
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.review_case import Reviewed
from onboarding.touchpoints.windows import TOO_LATE
from onboarding.values import dataclass

PARENT_WAIT = timedelta(minutes=5)
"""How long a reply or an edit waits before it checks for its parent message again. This project's choice."""

MOVED = "its reader has another address now"
AFTER_HOURS = "outside the reader's working hours; it waits for the next ones"
ADDRESS_TAKEN = "another mail of this step goes to the same address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """The effect may be sent now."""

    recipient: str
    composed_anew: bool
    """Whether the stored payload has to be composed again."""


def as_planned(case: Case, keys: Collection[str]) -> Case:
    """Return the case as if these leased effects were still planned, so that the rules judge them."""
    lines = (replace(line, state=EffectState.PLANNED) if line.key in keys else line for line in case.effects)
    return replace(case, effects=tuple(lines))


def may_leave(effect: Leased, found: Reviewed, now: datetime) -> Leaves | EffectChange:
    """Return whether the effect may be sent now, or the change that the rules decide instead.

    It is sent in the recipient's working hours only; an edit, which notifies no reader, and a CRM row at any time.
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
        return EffectChange(key=effect.key, state=EffectState.PLANNED, because=AFTER_HOURS, due_at=opens_at)
    recipient = (change.recipient if change else None) or effect.recipient
    moved = recipient.lower() != effect.recipient.lower()
    if moved and effect.in_doubt and effect.channel is Channel.MAIL:
        return _given_up(effect, MOVED)
    # An edit replaces the whole message, so a retried one shows the current state. A message refused at one address is
    # composed again for the next.
    return Leaves(recipient=recipient, composed_anew=moved or is_edit(effect))


def waits_for_parent(effect: Leased, case: Case | None, parent: str, now: datetime) -> EffectChange:
    """Return the change for a reply or an edit whose parent is not sent: it waits, and is cancelled with the parent."""
    lines = case.effects if case else ()
    state = next((line.state for line in lines if line.key == parent), EffectState.CANCELLED)
    if state in (EffectState.CANCELLED, EffectState.DEAD):
        return _given_up(effect, "its message never went out")
    because = "waits for the message it belongs to"
    return EffectChange(key=effect.key, state=EffectState.PLANNED, because=because, due_at=now + PARENT_WAIT)


def _given_up(effect: Leased, because: str) -> EffectChange:
    return EffectChange(key=effect.key, state=EffectState.CANCELLED, because=because)


def _opens_at(effect: Leased, found: Reviewed, now: datetime) -> datetime:
    """Return the recipient's first working moment at or after ``now``, the owner's if the recipient is unknown; ``now``
    for what may wake them."""
    if effect.channel is Channel.CRM or is_edit(effect) or effect.data.get("wakes"):
        return now
    reader = found.person(effect.person_id) or found.case.owners.get(effect.person_id) or found.review.state.owner
    zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
    return next_open(now, zone, found.case.calendar(country), found.playbook.pace.hours)
