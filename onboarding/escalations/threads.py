"""The Slack threads of an episode: one for each person, whose first message is edited in place.

A person's first message is the parent. It is edited to say how things stand, which notifies no reader; what they must
know is a reply in its thread: a cause turned critical, climbed, or is gone. Everyone hears only of the causes that
climbed to their rung. A message tells the news since the reader's last one; one that still waits is cancelled for it.
"""

from collections.abc import Iterable
from datetime import datetime

from onboarding.escalations.causes import ENDS, known_to, news_for, owed_by
from onboarding.escalations.readers import RungRecipient, former, readers
from onboarding.escalations.thread_lines import (
    KIND,
    edit_waits,
    lines_of,
    number_of,
    parent_of,
    people_of,
    replies_waiting,
    told_up_to,
)
from onboarding.model.case import Case, Episode, News
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import UNSENT, Channel, EffectState, NewsKind, Severity
from onboarding.review_context import ReviewContext
from onboarding.values import dataclass, replace

LATER = "a later message tells this and what happened since"
RESTS = "a person let the stall rest; this waits for the end of that"
NEWS = {
    NewsKind.CRITICAL: "now critical",
    NewsKind.CLIMBED: "climbed",
    NewsKind.MOVED: "no longer yours",
    NewsKind.GONE: "gone",
}
"""The news that a reply tells, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one recipient: the first of a thread, an edit of it, or a reply to it."""

    because: str
    edits: bool = False
    replies: bool = False
    parent: str | None = None
    """Key of the thread's first message; None if this is the first."""
    critical: bool = False
    """Whether it tells of something critical, which may wake its reader where the playbook says so."""
    not_before: datetime | None = None
    """Until when its reader asked for a rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadEffects:
    """The effects of an episode's threads, and the episode with its messages counted."""

    episode: Episode
    effects: tuple[PlannedEffect, ...] = ()
    changes: tuple[EffectChange, ...] = ()


def tell(context: ReviewContext, episode: Episode, *, because: str, edit: bool) -> ThreadEffects:
    """Plan what each reader has to be told: a first message as soon as a cause climbed to them, then a reply with the
    news of the causes that did, and with ``edit`` an edit of their first message.

    A reply that waits gives way to the one that tells later news too. Unsent messages to people who are no longer
    readers, or whose causes are gone, are cancelled.
    """
    case, heard_by = context.case, readers(context, episode)
    told = ThreadEffects(episode=episode)
    for one in heard_by.values():
        lines = lines_of(case, episode, one.person_id)
        mine = owed_by(episode, one.owes)
        parent, known = parent_of(lines), known_to(mine, one.rung)
        news = news_for(mine, one.rung, told_up_to(lines))
        first = Message(because=because, critical=any(cause.severity == Severity.CRITICAL for cause in known))
        if parent is None:
            told = _add(told, context, one, first) if known else told
        elif parent.state in UNSENT:
            if not known:
                told = _cancelled(told, _waiting(lines), "it was over before it was told")
            elif news and not parent.in_doubt:
                told = _add(_cancelled(told, [parent], LATER), context, one, first)
        else:
            if (edit or _is_behind(lines, episode)) and not edit_waits(lines):
                told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
            if news:
                told = _cancelled(told, replies_waiting(lines), LATER)
                told = _add(told, context, one, _reply(mine, news, parent))
            else:
                told = _rested(told, context, one, lines)
    not_needed = [person for person in people_of(case, episode) if person not in heard_by]
    told = _caught_up(told, context, not_needed, because)
    changes = _cancel_unsent(case, episode, not_needed, "somebody else has taken over")
    return replace(told, changes=(*told.changes, *changes))


def _reply(episode: Episode, news: tuple[News, ...], parent: EffectLine) -> Message:
    critical = _is_critical(news)
    told = [f"{NEWS[one.what]}: {episode.causes[one.cause].cause}" for one in news]
    return Message(
        because="; ".join(dict.fromkeys(told)),
        replies=True,
        parent=parent.key,
        critical=critical,
        not_before=None if critical else episode.snoozed_until,
    )


def _is_critical(news: Iterable[News]) -> bool:
    return any(one.severity == Severity.CRITICAL and one.what not in ENDS for one in news)


def _rested(told: ThreadEffects, context: ReviewContext, one: RungRecipient, lines: list[EffectLine]) -> ThreadEffects:
    """Put off the replies that were planned before a person let the episode rest; one about something critical stays
    where it is."""
    episode = told.episode
    if episode.snoozed_until is None or episode.snoozed_until <= context.now:
        return told
    until = one.next_open(episode.snoozed_until, context.case, context.playbook)
    changes = []
    for line in replies_waiting(lines):
        number = number_of(line)
        news = news_for(owed_by(episode, one.owes), one.rung, told_up_to(lines, before=number), number)
        if line.state is EffectState.PLANNED and line.due_at < until and not _is_critical(news):
            changes.append(EffectChange(key=line.key, state=EffectState.PLANNED, because=RESTS, due_at=until))
    return replace(told, changes=(*told.changes, *changes))


def catch_up(context: ReviewContext, episode: Episode) -> ThreadEffects:
    """Plan edits of the threads that do not show a person's reaction yet; nothing new is posted."""
    return _caught_up(ThreadEffects(episode=episode), context, people_of(context.case, episode), episode.cause)


def conclude(context: ReviewContext, episode: Episode, *, because: str) -> ThreadEffects:
    """Plan the end of the episode: threads already sent say so, with a reply for whoever knew of a cause of whose end
    no message has told them, and unsent first messages are cancelled. A reply that waits gives way to that one: it
    may be cancelled with the onboarding."""
    case, told = context.case, ThreadEffects(episode=episode)
    not_told = []
    for person_id in people_of(case, episode):
        lines = lines_of(case, episode, person_id)
        parent = parent_of(lines)
        if parent is None or parent.state in UNSENT:
            not_told.append(person_id)
            continue
        one = former(context, person_id, parent)
        if one is None:
            continue
        told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
        waiting = replies_waiting(lines)
        last = told_up_to([line for line in lines if line not in waiting])
        if not episode.causes or news_for(owed_by(episode, one.owes), one.rung, last):
            told = _cancelled(told, waiting, LATER)
            told = _add(told, context, one, Message(because=because, replies=True, parent=parent.key))
    changes = _cancel_unsent(case, episode, not_told, f"it was over before it was told: {because}")
    return replace(told, changes=(*told.changes, *changes))


def is_untold(context: ReviewContext, episode: Episode) -> bool:
    """Return whether a person closed it and a thread already sent does not say so yet."""
    if episode.answered_at is None:
        return False
    case = context.case
    for person_id in people_of(case, episode):
        lines = lines_of(case, episode, person_id)
        if (
            former(context, person_id, parent_of(lines)) is not None
            and _is_behind(lines, episode)
            and not edit_waits(lines)
        ):
            return True
    return False


def _is_behind(lines: list[EffectLine], episode: Episode) -> bool:
    """Return whether a person reacted after this recipient's message was last rendered."""
    if episode.answered_at is None:
        return False
    parent = parent_of(lines)
    return max(line.sent_at or line.due_at for line in lines if line.edits or line == parent) < episode.answered_at


def _caught_up(told: ThreadEffects, context: ReviewContext, people: Iterable[str], because: str) -> ThreadEffects:
    for person_id in people:
        lines = lines_of(context.case, told.episode, person_id)
        parent = parent_of(lines)
        one = former(context, person_id, parent)
        if one is not None and parent is not None and _is_behind(lines, told.episode) and not edit_waits(lines):
            told = _add(told, context, one, Message(because=because, edits=True, parent=parent.key))
    return told


def _cancel_unsent(case: Case, episode: Episode, people: Iterable[str], because: str) -> tuple[EffectChange, ...]:
    """Return changes that cancel what waits for people whose thread was never opened."""
    found: list[EffectLine] = []
    for person_id in people:
        lines = lines_of(case, episode, person_id)
        parent = parent_of(lines)
        if parent is not None and parent.state in UNSENT:
            found += _waiting(lines)
    return _cancellations(found, because)


def _cancelled(told: ThreadEffects, lines: Iterable[EffectLine], because: str) -> ThreadEffects:
    return replace(told, changes=(*told.changes, *_cancellations(lines, because)))


def _cancellations(lines: Iterable[EffectLine], because: str) -> tuple[EffectChange, ...]:
    return tuple(EffectChange(key=line.key, state=EffectState.CANCELLED, because=because) for line in lines)


def _waiting(lines: Iterable[EffectLine]) -> list[EffectLine]:
    return [line for line in lines if line.state in UNSENT]


def _add(told: ThreadEffects, context: ReviewContext, one: RungRecipient, message: Message) -> ThreadEffects:
    case, now = context.case, context.now
    episode = replace(told.episode, posts=told.episode.posts + 1)
    occurrence = f"{episode.number}.{episode.posts}"
    key = f"{case.key}:{KIND}:{occurrence}:{Channel.SLACK.value}:{one.person_id}"
    wakes = message.critical and context.playbook.ladder.critical_may_wake
    earliest = max(now, message.not_before or now)
    effect = PlannedEffect(
        key=key,
        kind=KIND,
        occurrence=occurrence,
        channel=Channel.SLACK,
        person_id=one.person_id,
        recipient=one.recipient,
        role=one.role,
        # An edit notifies no reader, so it need not wait for working hours.
        due_at=now if message.edits or wakes else one.next_open(earliest, case, context.playbook),
        because=message.because,
        data={
            "method": "update" if message.edits else "post",
            "parent": message.parent or key,
            "episode": episode.number,
            "level": episode.level,
            "thread": message.replies,
            **({"wakes": True} if wakes else {}),
        },
    )
    return replace(told, episode=episode, effects=(*told.effects, effect))
