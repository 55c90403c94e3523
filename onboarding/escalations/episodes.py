"""Episodes: how one opens for a stall, follows the worst cause, and ends.

A person's reaction sets fields of the episode: ``acked_at`` and ``acked_by``, ``snoozed_until``, or
``resolved_reason``; the next review applies them and closes what is resolved.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from onboarding.escalations.causes import follow, is_pressing
from onboarding.model.case import Case, Episode, Progress, Stall
from onboarding.model.vocabulary import LIVE, Severity
from onboarding.sentences.sentence import sentence
from onboarding.values import replace

ANY = "*"
"""What the cause of an episode is about that was stored before this was kept."""


def open_episode(episodes: Iterable[Episode]) -> Episode | None:
    """Return the episode that is not closed yet, or None."""
    return next((episode for episode in episodes if episode.closed_at is None), None)


def unresolved(episodes: Iterable[Episode], stalls: Iterable[Stall]) -> tuple[Stall, ...]:
    """Return the stalls not declared resolved by a person. A resolved one returns if it begins anew or turns
    critical."""
    settled = {_cause(one): one.severity for episode in episodes for one in _resolved(episode)}

    def muted(stall: Stall) -> bool:
        severity = settled.get(_cause(stall)) or settled.get(_cause(stall, ANY))
        return severity is not None and (severity == Severity.CRITICAL or stall.severity != Severity.CRITICAL)

    return tuple(stall for stall in stalls if not muted(stall))


def _resolved(episode: Episode) -> tuple[Stall, ...]:
    """Return the causes that a person resolved: those that held then and had been told of, so none that waited for the
    end of a rest. An episode stored before causes were kept has its headline alone."""
    if episode.closed_at is None or not episode.resolved_reason:
        return ()
    held = tuple(one for one in episode.causes if one.gone_at in (None, episode.closed_at))
    told = tuple(one for one in held if one.level or not is_pressing(one.severity) or not episode.level)
    return told if episode.causes else (Stall(**_headline(episode), about=ANY),)


def _cause(stall: Stall, about: str | None = None) -> tuple[str, str, datetime]:
    return stall.kind, stall.about if about is None else about, stall.since


def opened(case: Case, live: Sequence[Stall], now: datetime) -> Episode:
    """Return a new episode for these stalls (the worst first), at the level of the digest."""
    number = max((episode.number for episode in case.episodes), default=0) + 1
    return follow(Episode(number=number, opened_at=now, level_at=now, **_headline(live[0])), live, now)


def taken_up(episode: Episode, live: Sequence[Stall], now: datetime) -> Episode:
    """Return the episode with what these stalls (the worst first) say now."""
    return replace(follow(episode, live, now), **_headline(live[0]))


def _headline(worst: Stall | Episode) -> dict[str, Any]:
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
        return sentence(f"posts.why_{progress.status.value}")
    if episode.resolved_reason:
        return sentence("posts.why_resolved", reason=episode.resolved_reason)
    if not live or (episode.level and not any(is_pressing(stall.severity) for stall in live)):
        return sentence("posts.why_gone")
    return None


def merged(before: Iterable[Episode], changed: Iterable[Episode]) -> tuple[Episode, ...]:
    """Return the episodes with the changed ones in place of the old, by number."""
    found = {episode.number: episode for episode in (*before, *changed)}
    return tuple(found[number] for number in sorted(found))
