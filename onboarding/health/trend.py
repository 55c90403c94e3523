"""The health score day by day, its direction, and the work that a decline opens (HS-3, HS-4)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from onboarding.health.score import GREEN
from onboarding.health.summary import Summary
from onboarding.model.review import Task
from onboarding.model.vocabulary import LIVE, VendorRole

WINDOW = timedelta(days=14)
"""Over how long the direction is judged. This project's choice."""
FALL = 15
"""How many points of a fall in that time call for somebody. This project's choice."""
TOLD_FOR = timedelta(days=7)
"""How long a strong account is told of. This project's choice."""

History = Sequence[tuple[str, int]]


def history_with(history: History, summary: Summary, now: datetime) -> tuple[tuple[str, int], ...]:
    """Return the history with today's score, where it is known, another one than the last and of a new day.

    Nothing that stands there changes: a day keeps the first score that was seen on it.
    """
    known, today = tuple(history), now.date().isoformat()
    if summary.health is None or summary.status not in LIVE:
        return known
    if known and (known[-1][1] == summary.health or known[-1][0] >= today):
        return known
    return (*known, (today, summary.health))


def score_on(history: History, at: datetime) -> int | None:
    """Return the score that held on the day of ``at``; None before the first."""
    day = at.date().isoformat()
    return next((score for since, score in reversed(history) if since <= day), None)


def trend(history: History, summary: Summary, now: datetime) -> int | None:
    """Return by how many points the score rose (or fell, below zero) within two weeks; None where either is unknown."""
    before = score_on(history, now - WINDOW)
    return None if before is None or summary.health is None else summary.health - before


def trend_tasks(history: History, summary: Summary, now: datetime) -> Iterator[Task]:
    """Yield a task while the score has fallen by much within two weeks, and one in the week in which an activated
    account became strong."""
    if summary.status not in LIVE:
        return
    moved = trend(history, summary, now)
    if moved is not None and moved <= -FALL:
        text = f"Health fell by {-moved} points in two weeks, to {summary.health}: see `explain` for what is missing"
        yield Task(role=VendorRole.CSM.value, text=f"{text}, and call before it gets worse")
    if _became_strong(history, now) and summary.activated_at is not None and summary.stalled_since is None:
        text = "Strong and active since this week: ask what comes next for them, it may be time to expand"
        yield Task(role=VendorRole.ACCOUNT_EXECUTIVE.value, text=text)


def _became_strong(history: History, now: datetime) -> bool:
    """Return whether the score is green, and was not before the last week."""
    before, last = score_on(history, now - TOLD_FOR), score_on(history, now)
    return last is not None and last >= GREEN and before is not None and before < GREEN
