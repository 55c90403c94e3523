"""Who on our side hears of a stall: one thread a person and episode, edited in place however often we look.

A person's first message is the parent; later there are edits of it, which ping nobody, and a reply in its
thread when the level rises or the episode ends. What an effect says is rendered when it is leased, so an
effect that still waits is as good as a new one and no second is planned beside it.
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
"""Person id of the managers' channel, which hears of a stall where nobody of ours plays the role."""
CHANNEL = "#managers"
VOID = frozenset({EffectState.CANCELLED, EffectState.DEAD})
"""Never arrived: such a parent counts for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Somebody of ours, or the managers' channel, with the clock they live by."""

    person_id: str
    recipient: str
    role: str
    name: str
    owner: Owner | None

    def next_open(self, at: datetime, case: Case, playbook: Playbook) -> datetime:
        """Their first working moment at or after ``at`` (UTC)."""
        zone, country = (self.owner.zone, self.owner.country) if self.owner else ("UTC", None)
        return next_open(at, zone, case.calendar(country), playbook.pace.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one listener: a thread's first, or an edit of it or a reply to it."""

    because: str
    edits: bool = False
    replies: bool = False
    parent: str | None = None
    """Key of the thread's first message; None where this is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the threads of an episode owe, and the episode with its messages counted."""

    episode: Episode
    effects: tuple[PlannedEffect, ...] = ()
    changes: tuple[EffectChange, ...] = ()


def listener(rung: Rung, standing: OnboardingState) -> Listener:
    """Who hears of it on this rung: the accountable owner for the CSM (else the manager), and the channel
    for nobody."""
    owner = standing.owner if rung.to is VendorRole.CSM else standing.team.get(rung.to)
    if owner is None and rung.to is VendorRole.CSM:
        owner = standing.team.get(VendorRole.CS_MANAGER)
    if owner is None:
        return Listener(
            person_id=CHANNEL_ID,
            recipient=CHANNEL,
            role=rung.to.value,
            name="the managers' channel",
            owner=standing.owner,
        )
    return Listener(person_id=owner.id, recipient=owner.email, role=rung.to.value, name=owner.name, owner=owner)


def tell(context: ReviewContext, episode: Episode, *, because: str, edit: bool, reply: bool) -> Telling:
    """Everybody up to the episode's level gets a parent once; with ``edit`` and ``reply`` the threads that
    are out are edited and answered in. Who no longer has a part in it and has not been told yet is
    spared."""
    case, listeners = context.case, dict[str, Listener]()
    for rung in context.playbook.ladder.rungs[: episode.level]:
        found = listener(rung, context.standing)
        listeners.setdefault(found.person_id, found)
    told = Telling(episode=episode)
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
    spared = [person for person in _people(case, episode) if person not in listeners]
    told = _caught_up(told, context, spared, because)
    return replace(told, changes=_spare(case, episode, spared, "somebody else has taken over"))


def catch_up(context: ReviewContext, episode: Episode) -> Telling:
    """Edit the threads that are out and do not show yet what a person did; nothing new is said to anybody."""
    return _caught_up(Telling(episode=episode), context, _people(context.case, episode), episode.cause)


def conclude(context: ReviewContext, episode: Episode, *, because: str) -> Telling:
    """The episode is over: threads that are out say so, and who has not been told yet never hears of it."""
    case, told = context.case, Telling(episode=episode)
    unheard = []
    for person_id in _people(case, episode):
        lines = _lines(case, episode, person_id)
        parent = _parent(lines)
        if parent is None or parent.state in UNSENT:
            unheard.append(person_id)
            continue
        one = _former(case, person_id, lines)
        if one is None:
            continue
        told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
        told = _add(told, context, one, Message(because=because, replies=True, parent=parent.key))
    return replace(told, changes=_spare(case, episode, unheard, f"it was over before it was told: {because}"))


def is_untold(case: Case, episode: Episode) -> bool:
    """Whether a person closed it and a thread that is out does not say so yet."""
    for person_id in _people(case, episode):
        lines = _lines(case, episode, person_id)
        if _former(case, person_id, lines) is not None and _is_behind(lines, episode) and not _pending(lines):
            return True
    return False


def told_of(case: Case, episode: Episode) -> frozenset[str]:
    """Whose first message of the episode has left: ids of our people, or the channel's."""
    first = {person: _parent(_lines(case, episode, person)) for person in _people(case, episode)}
    return frozenset(person for person, line in first.items() if line is not None and line.state is EffectState.SENT)


def first_message(case: Case, episode: Episode, person_id: str) -> EffectLine | None:
    """The message that opens the thread of somebody, or was to open it; None where there never was one."""
    lines = _lines(case, episode, person_id)
    return _parent(lines) or next((line for line in reversed(lines) if line.state is EffectState.DEAD), None)


def _is_behind(lines: list[EffectLine], episode: Episode) -> bool:
    """Whether a person answered after this reader's message was last written, or begun to be."""
    if episode.answered_at is None:
        return False
    parent = _parent(lines)
    return max(line.sent_at or line.due_at for line in lines if line.edits or line == parent) < episode.answered_at


def _caught_up(told: Telling, context: ReviewContext, people: Iterable[str], because: str) -> Telling:
    for person_id in people:
        lines = _lines(context.case, told.episode, person_id)
        one, parent = _former(context.case, person_id, lines), _parent(lines)
        if one is not None and parent is not None and _is_behind(lines, told.episode) and not _pending(lines):
            told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
    return told


def _former(case: Case, person_id: str, lines: list[EffectLine]) -> Listener | None:
    """Somebody whose thread is out, as they were told then; None for who is not there any more."""
    parent, owner = _parent(lines), case.owners.get(person_id)
    if parent is None or parent.state in UNSENT:
        return None
    if (owner is None and person_id != CHANNEL_ID) or (owner is not None and not owner.active):
        return None
    return Listener(
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
    """Whether an edit waits; it is written when it leaves, so a second would say the same."""
    return any(line.state in UNSENT and line.edits for line in lines)


def _spare(case: Case, episode: Episode, people: Iterable[str], because: str) -> tuple[EffectChange, ...]:
    """Cancel what still waits for people whose thread was never opened."""
    found = []
    for person_id in people:
        lines = _lines(case, episode, person_id)
        parent = _parent(lines)
        if parent is not None and parent.state in UNSENT:
            waiting = [line for line in lines if line.state in UNSENT]
            found += [EffectChange(key=line.key, state=EffectState.CANCELLED, because=because) for line in waiting]
    return tuple(found)


def _add(told: Telling, context: ReviewContext, one: Listener, message: Message) -> Telling:
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
        # An edit pings nobody, so it need not wait for the morning.
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
