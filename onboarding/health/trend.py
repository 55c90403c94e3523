"""The health score day by day, its direction, and the work that a change opens (HS-3, HS-4)."""

from collections.abc import Container, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from onboarding.health.score import GREEN
from onboarding.health.summary import Summary
from onboarding.model.review import Task
from onboarding.model.vocabulary import LIVE, Status, VendorRole
from onboarding.sentences.sentence import sentence
from onboarding.stalls import FALLING

WINDOW = timedelta(days=14)
"""Over how long the direction is judged. This project's choice."""
FALL = 15
"""How many points of a fall in that time call for somebody. This project's choice."""
TOLD_FOR = timedelta(days=7)
"""How long a strong account is told of. This project's choice."""

REGAINED = 7
"""Down to how many points a fall is over: about half of it regained. This project's choice."""
History = Sequence[tuple[str, int | None]]
"""Days and the score from each on; None where it was unknown from that day on (HS-8)."""


class Fall(NamedTuple):
    """A fall of the score by much within two weeks: the day on which it was reached, and the score before and then."""

    at: datetime
    before: int
    after: int

    @property
    def points(self) -> int:
        """Return by how many points it fell."""
        return self.before - self.after


def history_with(
    history: History, score: int | None, status: Status, now: datetime
) -> tuple[tuple[str, int | None], ...]:
    """Return the history with today's score, where it is another one than the last and of a new day.

    A score that is unknown now ends the one before, so that no old score is taken for today's (HS-8); it begins no
    history. Nothing that stands there changes: a day keeps what was first seen on it.
    """
    known, today = tuple(history), now.date().isoformat()
    if status not in LIVE or score == (known[-1][1] if known else None):
        return known
    if known and known[-1][0] >= today:
        return known
    return (*known, (today, score))


def score_on(history: History, at: datetime) -> int | None:
    """Return the score that held on the day of ``at``; None before the first and where it was unknown."""
    day = at.date().isoformat()
    return next((score for since, score in reversed(history) if since <= day), None)


def trend(history: History, summary: Summary, now: datetime) -> int | None:
    """Return by how many points the score rose (or fell, below zero) within two weeks; None where either is unknown."""
    before = score_on(history, now - WINDOW)
    return None if before is None or summary.health is None else summary.health - before


def last_fall(history: History, now: datetime) -> Fall | None:
    """Return the fall that is going on at ``now`` (UTC): by 15 points or more within two weeks, until half of it is
    regained or two weeks have passed. A score that became unknown regains nothing. None without one. Pure: the same
    history gives the same day."""
    if _fallen(history, now) is None:  # the common case, without a walk through the history
        return None
    today, found = now.date(), None
    days = {date.fromisoformat(since) for since, _ in history}
    for day in sorted(day for day in days | {day + WINDOW for day in days} if day <= today):
        fallen = _fallen(history, datetime.combine(day, time(), UTC))
        found = None if fallen is None else found or (fallen if fallen.points >= FALL else None)
    return found


def _fallen(history: History, at: datetime) -> Fall | None:
    """Return by how much the score lies below that of two weeks before; None if that is too little to go on with."""
    before, after = score_on(history, at - WINDOW), score_on(_known(history), at)
    return None if before is None or after is None or before - after <= REGAINED else Fall(at, before, after)


def _known(history: History) -> History:
    return [(since, score) for since, score in history if score is not None]


def trend_tasks(history: History, summary: Summary, now: datetime, stalls: Container[str] = ()) -> Iterator[Task]:
    """Yield a task while the score has fallen by much within two weeks, unless that is one of the ``stalls`` of the
    playbook, and one in the week in which an activated account became strong."""
    if summary.status not in LIVE:
        return
    moved = trend(history, summary, now)
    if moved is not None and moved <= -FALL and FALLING not in stalls:
        text = sentence("tasks.health_fallen", points=-moved, health=summary.health or 0)
        yield Task(role=VendorRole.CSM.value, about="health:fallen", text=text)
    if _became_strong(history, now) and summary.activated_at is not None and summary.stalled_since is None:
        text = sentence("tasks.health_strong")
        yield Task(role=VendorRole.ACCOUNT_EXECUTIVE.value, about="health:strong", text=text)


def _became_strong(history: History, now: datetime) -> bool:
    """Return whether the score is green, and was not before the last week."""
    before, last = score_on(history, now - TOLD_FOR), score_on(history, now)
    return last is not None and last >= GREEN and before is not None and before < GREEN
