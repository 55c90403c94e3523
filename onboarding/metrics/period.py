"""The regular reports: how often, what each is called, and which figures moved most since the one before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from onboarding.metrics.compute import Metric, Portfolio
from onboarding.metrics.definition import Figure
from onboarding.metrics.estimates import fewer
from onboarding.metrics.wording import figure_words

SHOWN = 3


class Period(StrEnum):
    """How often a report is made (TH-17)."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"

    def name_at(self, as_of: datetime) -> str:
        """Return the name of the report of this moment (UTC): one a week or month, however often it is made."""
        year, week, _ = as_of.isocalendar()
        return f"{self}-{year}-W{week:02d}" if self is Period.WEEKLY else f"{self}-{as_of:%Y-%m}"

    def before(self, as_of: datetime) -> datetime:
        """Return the moment with which a report is compared."""
        return as_of - timedelta(days=7 if self is Period.WEEKLY else 30)


@dataclass(frozen=True, slots=True)
class Moved:
    """One metric in both reports."""

    before: Metric
    after: Metric
    fewer_goals: bool = False
    """Whether a smaller share of the goals was reached than before."""

    @property
    def hollow(self) -> bool:
        """Return whether a time is shorter while fewer goals were reached, which is no improvement (ME-33)."""
        return self.fewer_goals and self.after.definition.figure is Figure.MEDIAN_TIME and self.difference < 0

    @property
    def better(self) -> bool | None:
        """Return whether the change is an improvement; None if neither direction is, or if it is hollow."""
        rising, difference = self.after.definition.rising_is, self.difference
        if self.hollow:
            return None
        return None if rising == "neither" else (difference > 0) == (rising == "good")

    @property
    def difference(self) -> float:
        """Return the change of the value."""
        return (self.after.estimate.value or 0.0) - (self.before.estimate.value or 0.0)

    @property
    def figures(self) -> tuple[str, str]:
        """Return both values in words, the earlier one first."""
        definition = self.after.definition
        return figure_words(definition, self.before.estimate), figure_words(definition, self.after.estimate)

    @property
    def words(self) -> str:
        """Return the change in words: ``Activation rate: 62 %, before 55 % (better)``."""
        definition = self.after.definition
        way = {True: " (better)", False: " (worse)", None: ""}[self.better]
        way = " (faster, but fewer goals reached)" if self.hollow else way
        few = ", few accounts" if self.after.estimate.small else ""
        was, now = self.figures
        return f"{definition.title}: {now}, before {was}{way}{few}"


def moved(before: Portfolio, after: Portfolio) -> tuple[Moved, ...]:
    """Return at most three metrics that changed most, each change measured in widths of its interval.

    Figures of enough accounts come first. A metric that was unknown at either moment is left out, and so is one whose
    change is too small to show in its figure.
    """
    earlier = {one.name: one for one in before.metrics}
    goals = [found.metric("goal_attainment").estimate for found in (before, after)]
    both = [Moved(earlier[one.name], one, fewer(*goals)) for one in after.metrics]
    found = [one for one in both if None not in (one.before.estimate.value, one.after.estimate.value)]
    changed = [one for one in found if one.figures[0] != one.figures[1]]
    return tuple(sorted(changed, key=_rank)[:SHOWN])


def _rank(one: Moved) -> tuple[bool, float]:
    found = one.after.estimate
    width = (found.high - found.low) if found.high is not None and found.low is not None else None
    size = abs(one.difference) / (width or abs(found.value or 1.0) or 1.0)
    return found.small, -size
