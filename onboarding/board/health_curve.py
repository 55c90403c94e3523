"""The curve of an onboarding's health by day, as points of a picture and in words. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from onboarding.health.score import GREEN, YELLOW
from onboarding.model.case import Progress
from onboarding.model.phrases import day_words
from onboarding.model.vocabulary import LIVE

WIDE, HIGH = 300, 60
"""Size of the curve: 100 is its upper edge, 0 its lower one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCurve:
    """The known scores from the first day to the last; each holds until the day of the next one."""

    points: str
    first: date
    last: date
    changes: tuple[tuple[date, int], ...]
    """The days on which the score was another one than before, and the score."""
    green_from: float = HIGH * (1 - GREEN / 100)
    """Where the band begins, from the upper edge."""
    yellow_from: float = HIGH * (1 - YELLOW / 100)

    @property
    def described(self) -> str:
        """Return the curve in a sentence, for those who do not see it."""
        scores = [score for _, score in self.changes]
        return (
            f"Health by day from {day_words(self.first)} to {day_words(self.last)}, of 100: {scores[0]} at first, "
            f"{scores[-1]} at last, between {min(scores)} and {max(scores)}"
        )


def health_curve(progress: Progress, now: datetime, *, known_now: bool) -> HealthCurve | None:
    """Return the curve; None where nothing is known, or only of one day. It reaches up to ``now`` (UTC) while the
    onboarding is under way and its score is known."""
    known = tuple((date.fromisoformat(day), score) for day, score in progress.health_history)
    if not known:
        return None
    first, last = known[0][0], known[-1][0]
    if known_now and progress.status in LIVE:
        last = max(last, now.astimezone(UTC).date())
    if first == last:
        return None
    ends = [*(day for day, _ in known[1:]), last]
    corners = [
        f"{WIDE * (at - first).days / (last - first).days:.1f},{HIGH * (1 - score / 100):.1f}"
        for (day, score), end in zip(known, ends, strict=True)
        for at in (day, end)
    ]
    return HealthCurve(points=" ".join(corners), first=first, last=last, changes=known)
