"""Episodes: how one opens for a stall, follows the worst cause, and ends.

A person's reaction sets fields of the episode: ``acked_at`` and ``acked_by``, ``snoozed_until``, or
``resolved_reason``; the next review applies them and closes what is resolved.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from onboarding.model.case import Case, Episode, Progress, Stall
from onboarding.model.review import Decision
from onboarding.model.vocabulary import LIVE


def open_episode(episodes: Iterable[Episode]) -> Episode | None:
    """Return the episode that is not closed yet, or None."""
    return next((episode for episode in episodes if episode.closed_at is None), None)


def unresolved(episodes: Iterable[Episode], stalls: Iterable[Stall]) -> tuple[Stall, ...]:
    """Return the stalls not declared resolved by a person. A resolved one returns if it begins anew or turns
    critical."""
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
    """Return whether it climbs the ladder, and does not only appear in the digest."""
    return severity != "low"


def opened(case: Case, stall: Stall, now: datetime) -> tuple[Episode, Decision]:
    """Return a new episode for this cause, at the level of the digest."""
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
    """Return the episode with the cause of the worst stall; if it only now exceeds low, its clock starts now."""
    becomes_pressing = not episode.level and is_pressing(stall.severity) and not is_pressing(episode.severity)
    after = replace(
        episode,
        kind=stall.kind,
        severity=stall.severity,
        cause=stall.cause,
        waiting_on=stall.waiting_on,
        since=stall.since,
        next_step=stall.next_step,
        level_at=now if becomes_pressing else episode.level_at,
    )
    if after == episode:
        return episode, None
    return after, Decision(kind="episode_changed", about=stall.kind, because=stall.cause)


def ending(episode: Episode, live: tuple[Stall, ...], progress: Progress) -> str | None:
    """Return why the episode is over, or None while it continues."""
    if progress.status not in LIVE:
        return f"the onboarding is {progress.status.value}"
    if episode.resolved_reason:
        return f"resolved: {episode.resolved_reason}"
    if not live or (episode.level and not any(is_pressing(stall.severity) for stall in live)):
        return "the cause is gone"
    return None


def merged(before: Iterable[Episode], changed: Iterable[Episode]) -> tuple[Episode, ...]:
    """Return the episodes with the changed ones in place of the old, by number."""
    found = {episode.number: episode for episode in (*before, *changed)}
    return tuple(found[number] for number in sorted(found))
