"""The curve of an onboarding's health by day, as points of a picture and in words. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from onboarding.health.score import GREEN, YELLOW
from onboarding.model.case import Progress
from onboarding.model.phrases import day_words, list_words
from onboarding.model.vocabulary import LIVE

Changes = tuple[tuple[date, int | None], ...]
WIDE, HIGH = 300, 60
"""Size of the curve: 100 is its upper edge, 0 its lower one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCurve:
    """The scores from the first day to the last; each holds until the day of the next one."""

    lines: tuple[str, ...]
    """The points of the picture, one line for each time in which the score was known throughout (HS-8)."""
    first: date
    last: date
    changes: Changes
    """The days on which the score was another one than before, and the score; None where it became unknown."""
    green_from: float = HIGH * (1 - GREEN / 100)
    """Where the band begins, from the upper edge."""
    yellow_from: float = HIGH * (1 - YELLOW / 100)

    @property
    def described(self) -> str:
        """Return the curve in a sentence, for those who do not see it."""
        scores = [score for _, score in self.changes if score is not None]
        return (
            f"Health by day from {day_words(self.first)} to {day_words(self.last)}, of 100: {scores[0]} at first, "
            f"{scores[-1]} at last, between {min(scores)} and {max(scores)}{self._unknown()}"
        )

    def _unknown(self) -> str:
        spans = [(since, end) for since, end, score in _spans(self.changes, self.last) if score is None]
        told = [
            f"from {day_words(since)} " + ("on" if end == self.last else f"to {day_words(end)}") for since, end in spans
        ]
        return f"; unknown {list_words(told)}" if told else ""


def health_curve(progress: Progress, now: datetime, *, known_now: bool) -> HealthCurve | None:
    """Return the curve; None where nothing is known, or only of one day. It reaches up to ``now`` (UTC) while the
    onboarding is under way and the history tells today's score, or that it is unknown since some day."""
    history = tuple((date.fromisoformat(day), score) for day, score in progress.health_history)
    if not history:
        return None
    first, last = history[0][0], history[-1][0]
    if progress.status in LIVE and (known_now or history[-1][1] is None):
        last = max(last, now.astimezone(UTC).date())
    if first == last:
        return None
    days = (last - first).days
    lines: list[list[str]] = [[]]
    for since, end, score in _spans(history, last):
        if score is None:
            lines.append([])
        else:
            height = HIGH * (1 - score / 100)
            lines[-1] += [f"{WIDE * (at - first).days / days:.1f},{height:.1f}" for at in (since, end)]
    return HealthCurve(lines=tuple(" ".join(line) for line in lines if line), first=first, last=last, changes=history)


def _spans(changes: Changes, last: date) -> list[tuple[date, date, int | None]]:
    ends = [*(day for day, _ in changes[1:]), last]
    return [(since, end, score) for (since, score), end in zip(changes, ends, strict=True)]
