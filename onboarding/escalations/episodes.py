"""Episodes: how one opens for a stall, follows the worst cause, and ends.

A person's reaction sets fields of the episode: ``acked_at`` and ``acked_by``, ``snoozed_until``, or
``resolved_reason``; the next review applies them and closes what is resolved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from onboarding.escalations.causes import follow, is_pressing
from onboarding.model.case import Case, Episode, Progress, Stall
from onboarding.model.vocabulary import LIVE, Severity


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
        return severity is not None and (severity == Severity.CRITICAL or stall.severity != Severity.CRITICAL)

    return tuple(stall for stall in stalls if not muted(stall))


def opened(case: Case, live: Sequence[Stall], now: datetime) -> Episode:
    """Return a new episode for these stalls (the worst first), at the level of the digest."""
    number = max((episode.number for episode in case.episodes), default=0) + 1
    return follow(Episode(number=number, opened_at=now, level_at=now, **_headline(live[0])), live, now)


def taken_up(episode: Episode, live: Sequence[Stall], now: datetime) -> Episode:
    """Return the episode with what these stalls (the worst first) say now."""
    return replace(follow(episode, live, now), **_headline(live[0]))


def _headline(worst: Stall) -> dict[str, Any]:
    return {
        "kind": worst.kind,
        "severity": worst.severity,
        "cause": worst.cause,
        "waiting_on": worst.waiting_on,
        "since": worst.since,
        "next_step": worst.next_step,
    }


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
