"""Figures in words, the same on the screen, on the page and in the mail."""

from onboarding.metrics.definition import Definition, Figure
from onboarding.metrics.definitions import BY_NAME
from onboarding.metrics.estimates import Estimate

NONE = "-"


def value_words(definition: Definition, value: float | None) -> str:
    """Return a value with its unit: ``34 days``, ``62 %``, ``7.8``, ``74,231``."""
    if value is None:
        return NONE
    if definition.unit == "share":
        return f"{100 * value:z.0f} %"
    number = f"{value:z,.0f}" if abs(value) >= 10 else f"{value:z.1f}".removesuffix(".0")
    return f"{number} {_short_unit(definition)}".strip()


def figure_words(definition: Definition, found: Estimate) -> str:
    """Return the figure itself."""
    return value_words(definition, found.value)


def interval_words(definition: Definition, found: Estimate) -> str:
    """Return the interval: ``28 to 41``; open on an unbounded side."""
    if found.low is None and found.high is None:
        return ""
    low, high = (value_words(definition, one).split(" ")[0] for one in (found.low, found.high))
    if found.high is None:
        return f"{low} and more"
    return f"{low} to {high}"


def counted_words(found: Estimate) -> str:
    """Return the base of the figure: ``12 of 40``."""
    return f"{found.n:z,.0f} of {found.of:,.0f}" if found.of else ""


def days_words(found: Estimate | None) -> str:
    """Return a median time with its interval: ``34 days (28 to 41), 12 of 40``."""
    return _with_interval(BY_NAME["time_to_value"], found)


def percent_words(found: Estimate | None) -> str:
    """Return a share with its interval: ``62 % (45 to 77), 21 of 34``."""
    return _with_interval(BY_NAME["activation_rate"], found)


def _with_interval(definition: Definition, found: Estimate | None) -> str:
    if found is None or found.value is None:
        return "not known"
    interval = interval_words(definition, found)
    few = ", too few to say" if found.small else ""
    return f"{figure_words(definition, found)}{f' ({interval})' if interval else ''}, {counted_words(found)}{few}"


def chance_words(p_value: float) -> str:
    """Return a p-value: ``p = 0.04``."""
    return "p < 0.01" if p_value < 0.01 else f"p = {p_value:.2f}"


def _short_unit(definition: Definition) -> str:
    if definition.figure is Figure.MEDIAN_TIME:
        return "days" if definition.unit == "days" else "h"
    return ""
