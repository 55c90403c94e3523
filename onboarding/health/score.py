"""The health score with its parts (HS-1 to HS-8). Weights are equal unless the playbook says otherwise, and not
validated: the score only ranks attention.

A missing part is unknown, never healthy, and its weight is spread over the rest; with less than three parts known there
is no score, as most are empty in the first weeks of every customer.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import floor
from typing import Literal

from onboarding.health.part import Part
from onboarding.health.value_parts import depth, goal_progress, sponsor, ticket_mood
from onboarding.model.case import Case, Stall
from onboarding.model.phrases import day_words, name_words, span_words
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import Severity, Side
from onboarding.stalls import ABOUT_HEALTH
from onboarding.values import dataclass, replace

Band = Literal["green", "yellow", "red", "unknown"]
GREEN, YELLOW = 75, 50
"""Lower limits of the bands. This project's choice; other vendors publish the same."""
FRESH, GONE = timedelta(days=7), timedelta(days=30)
"""Use within FRESH counts full, none for GONE counts zero, in between in proportion. This project's choice."""
LATE = 0.5
"""The worth of a milestone done late. This project's choice."""
FEWEST = 3
"""How many inputs must be known for a score. This project's choice."""
CRITICAL_FOR = timedelta(days=14)
"""How long an account may be critical before it is red whatever else is well. This project's choice."""
EQUAL: Mapping[str, float] = {}
PEOPLE_GONE = frozenset({"champion_left", "champion_missing", "sponsor_missing", "nobody_to_write_to"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The score out of 100 with its parts, or unknown."""

    score: int | None
    band: Band
    parts: tuple[Part, ...]


def health(
    case: Case, state: OnboardingState, stalls: Iterable[Stall], now: datetime, weights: Mapping[str, float] = EQUAL
) -> Health:
    """Return the health of the account at ``now`` (UTC), with every input it is the sum of.

    ``weights`` are the playbook's, by name of the input; one that is not named weighs 1. Below three known inputs there
    is no score. A red flag caps the score, and what it takes away is an input of its own.
    """
    stalls = tuple(stalls)
    parts = (
        _milestones(state, now),
        _recency(case, state, now),
        _breadth(case, state, now),
        _responsiveness(state, stalls, now),
        _effort(state),
        depth(case, state, now),
        goal_progress(state, now),
        ticket_mood(state, now),
        sponsor(state, now),
    )
    shares = {part.name: weights.get(part.name, 1.0) for part in parts if part.score is not None}
    total = sum(shares.values())
    if len(shares) < FEWEST or total <= 0:
        return Health(score=None, band="unknown", parts=parts)
    shares = {name: share / total for name, share in shares.items()}
    score = round(sum(part.score * shares[part.name] for part in parts if part.score is not None))
    summed, flag = _summed(parts, score, shares), _red_flag(stalls, now)
    if flag is not None and score > flag[0]:
        cap = Part(name="red flag", score=None, points=flag[0] - score, why=flag[1])
        score, summed = flag[0], (*summed, cap)
    return Health(score=score, band=band_of(score), parts=summed)


def _red_flag(stalls: Iterable[Stall], now: datetime) -> tuple[int, str] | None:
    """Return the most that an account with a critical stall may score, and why: never green, and red once it has been
    critical for two weeks."""
    critical = [stall for stall in stalls if stall.severity == Severity.CRITICAL and stall.kind not in ABOUT_HEALTH]
    if not critical:
        return None
    first = min(critical, key=lambda stall: (stall.since, stall.kind))
    long = now - first.since >= CRITICAL_FOR
    why = f"{name_words(first.kind)} is critical, since {day_words(first.since)}"
    return (YELLOW if long else GREEN) - 1, why


def sum_words(found: Health) -> str:
    """Return the score as a sum, ``72 = milestones 20 + use 35 + goals 17``, with what is unknown; empty without one.

    It says nothing that changes by the day while the score stays, so that a CRM row changes only with the score.
    """
    if found.score is None:
        return ""
    added = " + ".join(f"{part.name} {part.points}" for part in found.parts if part.score is not None)
    taken = "".join(
        f" - {part.name} {-part.points} ({part.why})" for part in found.parts if part.score is None and part.points
    )
    unknown = ", ".join(part.name for part in found.parts if part.score is None and not part.points)
    return f"{found.score} = {added}{taken}" + (f"; unknown: {unknown}" if unknown else "")


def band_of(score: int | None) -> Band:
    """Return the band of a score; of none it is unknown."""
    if score is None:
        return "unknown"
    return "green" if score >= GREEN else "yellow" if score >= YELLOW else "red"


def _summed(parts: tuple[Part, ...], score: int, shares: Mapping[str, float]) -> tuple[Part, ...]:
    """Return the parts with their points, which sum up to the score; the rounding goes to the largest remainders."""
    exact = {part.name: part.score * shares[part.name] for part in parts if part.score is not None}
    points = {name: floor(value + 1e-9) for name, value in exact.items()}
    rests = sorted(exact, key=lambda name: points[name] - exact[name])
    for name in rests[: score - sum(points.values())]:
        points[name] += 1
    return tuple(
        part if part.name not in points else replace(part, weight=shares[part.name], points=points[part.name])
        for part in parts
    )


def _on_time(milestones: Iterable[Milestone], now: datetime) -> tuple[int | None, int, int]:
    """Return the share of due work that was done on time, how much was due, and how much of it is still open."""
    due = [one for one in milestones if one.due_at is not None and one.status != "not_applicable"]
    due = [one for one in due if one.status == "done" or (one.due_at is not None and one.due_at <= now)]
    if not due:
        return None, 0, 0
    worth = [_worth(one) for one in due]
    return round(100 * sum(worth) / len(due)), len(due), sum(1 for one in due if one.status == "open")


def _worth(milestone: Milestone) -> float:
    if milestone.done_at is None or milestone.due_at is None:
        return 0.0
    return 1.0 if milestone.done_at <= milestone.due_at else LATE


def _milestones(state: OnboardingState, now: datetime) -> Part:
    score, due, late = _on_time(state.milestones.values(), now)
    return Part(name="milestones", score=score, why=f"{late} of {due} due are open" if due else "none is due yet")


def _recency(case: Case, state: OnboardingState, now: datetime) -> Part:
    usage, last = case.usage, state.last_activity_at
    seen = now if usage.known_until is None else min(usage.known_until, now)
    if not usage.known:
        return Part(name="use", score=None, why="no source of product usage is connected")
    if now - seen > FRESH:
        return Part(name="use", score=None, why=f"no usage has arrived for {span_words(now - seen)}")
    if usage.unread_at is not None and now - usage.unread_at <= FRESH:
        return Part(name="use", score=None, why="usage came that could not be read")
    if last is None:
        started = state.go_live_at is not None and state.go_live_at <= now
        return Part(name="use", score=0 if started else None, why="nobody has used it yet")
    quiet = max(now - last, timedelta())
    share = 1 - min(max((quiet - FRESH) / (GONE - FRESH), 0.0), 1.0)
    return Part(name="use", score=round(100 * share), why=f"last used {span_words(quiet)} ago")


def _breadth(case: Case, state: OnboardingState, now: datetime) -> Part:
    seats = sum(deal.seats or 0 for deal in case.deals if deal.won)
    live = state.go_live_at is not None and state.go_live_at <= now
    unread = case.usage.unread_at is not None and now - case.usage.unread_at <= FRESH
    if not case.usage.known or unread or not seats or not live:
        why = "not live yet" if not live else "seats or usage are not known"
        return Part(name="breadth", score=None, why=why)
    users = max((use.users for use in case.usage.signals), default=0)
    score = min(round(100 * users / seats), 100)
    return Part(name="breadth", score=score, why=f"{users} users seen for {seats} seats")


def _responsiveness(state: OnboardingState, stalls: Iterable[Stall], now: datetime) -> Part:
    theirs = [one for one in state.milestones.values() if one.side is Side.CUSTOMER]
    score, due, late = _on_time(theirs, now)
    gone = sorted(stall.kind for stall in stalls if stall.kind in PEOPLE_GONE)
    why = f"{late} of {due} of the customer's due are open" if due else "the customer owes nothing yet"
    if gone:
        score = None if score is None else score // 2
        why += f"; {', '.join(name_words(kind) for kind in gone)}"
    return Part(name="responsiveness", score=score, why=why)


def _effort(state: OnboardingState) -> Part:
    answer = state.effort_score
    if answer is None:
        return Part(name="effort", score=None, why="nobody was asked or answered yet")
    return Part(name="effort", score=round(min(max(answer, 0.0), 10.0) * 10), why=f"last answer {answer:.2g} of 10")
