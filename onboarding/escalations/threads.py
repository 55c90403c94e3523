"""The Slack threads of an episode: one for each person, whose first message is edited in place.

A person's first message is the parent; later come edits of it, which notify no reader, and a reply in its thread when
the level rises or the episode ends. The text of an effect is rendered when it is leased, so an effect that still waits
is as current as a new one and no second is planned.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from onboarding.dates.working_time import next_open
from onboarding.model.case import Case, Episode
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.parties import Owner
from onboarding.model.playbook import Playbook, Rung
from onboarding.model.review import EffectChange
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import UNSENT, Channel, EffectState, VendorRole
from onboarding.review_context import ReviewContext

KIND = "stall"
CHANNEL_ID = "channel"
"""Person id of the managers' channel, which is told of a stall if no person holds the role."""
CHANNEL = "#managers"
VOID = frozenset({EffectState.CANCELLED, EffectState.DEAD})
"""States of a message that never arrived; as a parent it does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RungRecipient:
    """A recipient on a rung: one of the vendor's people, or the managers' channel, with the owner whose hours count."""

    person_id: str
    recipient: str
    role: str
    name: str
    owner: Owner | None

    def next_open(self, at: datetime, case: Case, playbook: Playbook) -> datetime:
        """Return their first working moment at or after ``at`` (UTC)."""
        zone, country = (self.owner.zone, self.owner.country) if self.owner else ("UTC", None)
        return next_open(at, zone, case.calendar(country), playbook.pace.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one recipient: the first of a thread, an edit of it, or a reply to it."""

    because: str
    edits: bool = False
    replies: bool = False
    parent: str | None = None
    """Key of the thread's first message; None if this is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadEffects:
    """The effects of an episode's threads, and the episode with its messages counted."""

    episode: Episode
    effects: tuple[PlannedEffect, ...] = ()
    changes: tuple[EffectChange, ...] = ()


def rung_recipient(rung: Rung, state: OnboardingState) -> RungRecipient:
    """Return the recipient on this rung: for the CSM's the accountable owner, else the manager; the managers' channel
    if there is no person."""
    owner = state.owner if rung.to is VendorRole.CSM else state.team.get(rung.to)
    if owner is None and rung.to is VendorRole.CSM:
        owner = state.team.get(VendorRole.CS_MANAGER)
    if owner is None:
        return RungRecipient(
            person_id=CHANNEL_ID,
            recipient=CHANNEL,
            role=rung.to.value,
            name="the managers' channel",
            owner=state.owner,
        )
    return RungRecipient(person_id=owner.id, recipient=owner.email, role=rung.to.value, name=owner.name, owner=owner)


def tell(context: ReviewContext, episode: Episode, *, because: str, edit: bool, reply: bool) -> ThreadEffects:
    """Plan the first message of each recipient up to the episode's level; with ``edit`` and ``reply`` also an edit of
    and a reply in the threads already sent. Unsent messages to people who are no longer recipients are cancelled."""
    case, listeners = context.case, dict[str, RungRecipient]()
    for rung in context.playbook.ladder.rungs[: episode.level]:
        found = rung_recipient(rung, context.state)
        listeners.setdefault(found.person_id, found)
    told = ThreadEffects(episode=episode)
    for one in listeners.values():
        lines = _lines(case, episode, one.person_id)
        parent = _parent(lines)
        if parent is None:
            told = _add(told, context, one, Message(because=because))
        elif parent.state not in UNSENT:
            if (edit or _is_behind(lines, episode)) and not _pending(lines):
                told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
            if reply:
                told = _add(told, context, one, Message(because=because, replies=True, parent=parent.key))
    not_needed = [person for person in _people(case, episode) if person not in listeners]
    told = _caught_up(told, context, not_needed, because)
    return replace(told, changes=_cancel_unsent(case, episode, not_needed, "somebody else has taken over"))


def catch_up(context: ReviewContext, episode: Episode) -> ThreadEffects:
    """Plan edits of the threads that do not show a person's reaction yet; nothing new is posted."""
    return _caught_up(ThreadEffects(episode=episode), context, _people(context.case, episode), episode.cause)


def conclude(context: ReviewContext, episode: Episode, *, because: str) -> ThreadEffects:
    """Plan the end of the episode: threads already sent say so, and unsent first messages are cancelled."""
    case, told = context.case, ThreadEffects(episode=episode)
    not_told = []
    for person_id in _people(case, episode):
        lines = _lines(case, episode, person_id)
        parent = _parent(lines)
        if parent is None or parent.state in UNSENT:
            not_told.append(person_id)
            continue
        one = _former(case, person_id, lines)
        if one is None:
            continue
        told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
        told = _add(told, context, one, Message(because=because, replies=True, parent=parent.key))
    return replace(told, changes=_cancel_unsent(case, episode, not_told, f"it was over before it was told: {because}"))


def is_untold(case: Case, episode: Episode) -> bool:
    """Return whether a person closed it and a thread already sent does not say so yet."""
    for person_id in _people(case, episode):
        lines = _lines(case, episode, person_id)
        if _former(case, person_id, lines) is not None and _is_behind(lines, episode) and not _pending(lines):
            return True
    return False


def told_of(case: Case, episode: Episode) -> frozenset[str]:
    """Return the ids of those whose first message was sent: owner ids, or the channel's."""
    first = {person: _parent(_lines(case, episode, person)) for person in _people(case, episode)}
    return frozenset(person for person, line in first.items() if line is not None and line.state is EffectState.SENT)


def first_message(case: Case, episode: Episode, person_id: str) -> EffectLine | None:
    """Return the message that opens a person's thread, or was to open it; None if there never was one."""
    lines = _lines(case, episode, person_id)
    return _parent(lines) or next((line for line in reversed(lines) if line.state is EffectState.DEAD), None)


def _is_behind(lines: list[EffectLine], episode: Episode) -> bool:
    """Return whether a person reacted after this recipient's message was last rendered."""
    if episode.answered_at is None:
        return False
    parent = _parent(lines)
    return max(line.sent_at or line.due_at for line in lines if line.edits or line == parent) < episode.answered_at


def _caught_up(told: ThreadEffects, context: ReviewContext, people: Iterable[str], because: str) -> ThreadEffects:
    for person_id in people:
        lines = _lines(context.case, told.episode, person_id)
        one, parent = _former(context.case, person_id, lines), _parent(lines)
        if one is not None and parent is not None and _is_behind(lines, told.episode) and not _pending(lines):
            told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
    return told


def _former(case: Case, person_id: str, lines: list[EffectLine]) -> RungRecipient | None:
    """Return the recipient of a thread already sent; None if they are no longer active."""
    parent, owner = _parent(lines), case.owners.get(person_id)
    if parent is None or parent.state in UNSENT:
        return None
    if (owner is None and person_id != CHANNEL_ID) or (owner is not None and not owner.active):
        return None
    return RungRecipient(
        person_id=person_id,
        recipient=parent.recipient,
        role=parent.role,
        name=parent.recipient,
        owner=owner,
    )


def _lines(case: Case, episode: Episode, person_id: str) -> list[EffectLine]:
    mine = [line for line in _of(case, episode) if line.person_id == person_id]
    return sorted(mine, key=_number)


def _of(case: Case, episode: Episode) -> list[EffectLine]:
    start = f"{episode.number}."
    return [line for line in case.effects if line.kind == KIND and line.occurrence.startswith(start)]


def _people(case: Case, episode: Episode) -> list[str]:
    return sorted({line.person_id for line in _of(case, episode)})


def _number(line: EffectLine) -> int:
    return int(line.occurrence.partition(".")[2])


def _parent(lines: list[EffectLine]) -> EffectLine | None:
    return next((line for line in lines if line.state not in VOID), None)


def _pending(lines: list[EffectLine]) -> bool:
    """Return whether an edit waits; it is rendered when it is sent, so a second one would say the same."""
    return any(line.state in UNSENT and line.edits for line in lines)


def _cancel_unsent(case: Case, episode: Episode, people: Iterable[str], because: str) -> tuple[EffectChange, ...]:
    """Return changes that cancel what waits for people whose thread was never opened."""
    found = []
    for person_id in people:
        lines = _lines(case, episode, person_id)
        parent = _parent(lines)
        if parent is not None and parent.state in UNSENT:
            waiting = [line for line in lines if line.state in UNSENT]
            found += [EffectChange(key=line.key, state=EffectState.CANCELLED, because=because) for line in waiting]
    return tuple(found)


def _add(told: ThreadEffects, context: ReviewContext, one: RungRecipient, message: Message) -> ThreadEffects:
    case, now = context.case, context.now
    episode = replace(told.episode, posts=told.episode.posts + 1)
    occurrence = f"{episode.number}.{episode.posts}"
    key = f"{case.key}:{KIND}:{occurrence}:{Channel.SLACK.value}:{one.person_id}"
    effect = PlannedEffect(
        key=key,
        kind=KIND,
        occurrence=occurrence,
        channel=Channel.SLACK,
        person_id=one.person_id,
        recipient=one.recipient,
        role=one.role,
        # An edit notifies no reader, so it need not wait for working hours.
        due_at=now if message.edits else one.next_open(now, case, context.playbook),
        because=message.because,
        data={
            "method": "update" if message.edits else "post",
            "parent": message.parent or key,
            "episode": episode.number,
            "level": episode.level,
            "thread": message.replies,
        },
    )
    return replace(told, episode=episode, effects=(*told.effects, effect))
