"""Definitions of metrics, and published figures for comparison."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

SINCE_SIGNATURE = "from the signature to the report"
LAST_THIRTY_DAYS = "the 30 days before the report"


class Figure(StrEnum):
    """How the accounts' parts are combined into one figure."""

    MEDIAN_TIME = "median_time"
    """Kaplan-Meier median; accounts that have not reached it are censored."""
    PROPORTION = "proportion"
    """Share of accounts or users, with Wilson's interval."""
    RATIO = "ratio"
    """Share of hours, with an interval over accounts."""
    MEAN = "mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A published figure with what it measures, so that unlike things are not compared (TH-14, TH-15)."""

    text: str
    definition: str
    level: Literal["account", "user"]
    source: str
    clearly_below: float | None = None
    """An interval that ends below this deserves attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One metric."""

    id: str
    name: str
    title: str
    figure: Figure
    unit: str
    definition: str
    window: str = SINCE_SIGNATURE
    """The time of an account that counts; what was known after the report never does."""
    level: Literal["account", "user"] = "account"
    """What it counts; the two are never mixed (ME-31)."""
    kind: Literal["outcome", "activity"] = "outcome"
    """Activity is easily counted and easily misleads, so it is labelled (ME-30)."""
    rising_is: Literal["good", "bad", "neither"] = "good"
    benchmark: Benchmark | None = None
    unknown: str = "no account of this report contributes to it yet"
    """Why there is no figure, if there is none."""
    lowest: float = -math.inf
    highest: float = math.inf
    """The ends of the scale of a mean; its interval stays within them."""
    none_is_unknown: bool = False
    """Whether a count of nothing means a missing source, and not 0."""


COMPLETION_BENCHMARK = Benchmark(
    text="40 to 60 % is good; clearly below 40 % is worth a look",
    definition="onboarding completion as its publisher counts it; it does not say over which window",
    level="account",
    source="TH-14",
    clearly_below=0.40,
)
USER_ACTIVATION_BENCHMARK = Benchmark(
    text="45 % and more is best in class; 35 % is the average of mobile, 18 % of enterprise software",
    definition="new users of a product who complete its key actions; not accounts",
    level="user",
    source="TH-15",
)
CUSTOMISATION_BENCHMARK = Benchmark(
    text="some 20 %, the rest as the template has it",
    definition="80 % template and 20 % customisation of a plan, as its publisher advises; it does not count",
    level="account",
    source="TH-19",
)
