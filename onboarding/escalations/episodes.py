"""One stall from start to end: how an episode opens, follows its worst cause, and ends.

A person answers an episode by setting fields of it: ``acked_at`` and ``acked_by``, ``snoozed_until``, or
``resolved_reason``; the next review draws the conclusions and closes what is resolved.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from onboarding.model.case import Case, Episode, Progress, Stall
from onboarding.model.review import Decision
from onboarding.model.vocabulary import LIVE


def open_episode(episodes: Iterable[Episode]) -> Episode | None:
    """The one that is not closed yet, if any."""
    return next((episode for episode in episodes if episode.closed_at is None), None)


def unresolved(episodes: Iterable[Episode], stalls: Iterable[Stall]) -> tuple[Stall, ...]:
    """The stalls that nobody has called resolved. One comes back once it begins anew or turns critical."""
    settled = {
        (episode.kind, episode.since): episode.severity
        for episode in episodes
        if episode.closed_at is not None and episode.resolved_reason
    }

    def muted(stall: Stall) -> bool:
        severity = settled.get((stall.kind, stall.since))
        return severity is not None and (severity == "critical" or stall.severity != "critical")

    return tuple(stall for stall in stalls if not muted(stall))


def is_pressing(severity: str) -> bool:
    """Whether it climbs the ladder rather than waiting in the digest."""
    return severity != "low"


def opened(case: Case, stall: Stall, now: datetime) -> tuple[Episode, Decision]:
    """A new episode with this cause, still at the level of the digest."""
    episode = Episode(
        number=max((episode.number for episode in case.episodes), default=0) + 1,
        kind=stall.kind,
        severity=stall.severity,
        cause=stall.cause,
        waiting_on=stall.waiting_on,
        since=stall.since,
        next_step=stall.next_step,
        opened_at=now,
        level_at=now,
    )
    return episode, Decision(kind="episode_opened", about=stall.kind, because=stall.cause)


def taken_up(episode: Episode, stall: Stall, now: datetime) -> tuple[Episode, Decision | None]:
    """The episode with the cause of the worst stall; where it only now is more than low, its clock begins
    now."""
    woken = not episode.level and is_pressing(stall.severity) and not is_pressing(episode.severity)
    after = replace(
        episode,
        kind=stall.kind,
        severity=stall.severity,
        cause=stall.cause,
        waiting_on=stall.waiting_on,
        since=stall.since,
        next_step=stall.next_step,
        level_at=now if woken else episode.level_at,
    )
    if after == episode:
        return episode, None
    return after, Decision(kind="episode_changed", about=stall.kind, because=stall.cause)


def ending(episode: Episode, live: tuple[Stall, ...], progress: Progress) -> str | None:
    """Why the episode is over, or None while it goes on."""
    if progress.status not in LIVE:
        return f"the onboarding is {progress.status.value}"
    if episode.resolved_reason:
        return f"resolved: {episode.resolved_reason}"
    if not live or (episode.level and not any(is_pressing(stall.severity) for stall in live)):
        return "the cause is gone"
    return None


def merged(before: Iterable[Episode], changed: Iterable[Episode]) -> tuple[Episode, ...]:
    """The episodes with those that a review changed in their place, by number."""
    found = {episode.number: episode for episode in (*before, *changed)}
    return tuple(found[number] for number in sorted(found))
