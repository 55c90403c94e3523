"""Estimates with 95 % intervals: Kaplan-Meier, log-rank, Wilson, means and ratios. Pure.

scipy is imported inside functions, because its import takes longer than a whole ``first90 status``.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from onboarding.metrics.figures import Share, Span

LEVEL = 0.95
FEW_ACCOUNTS, FEW_REACHED = 10, 5
"""With fewer accounts, or for a time fewer that reached it, a figure is called small. This project's choice."""
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One figure. ``n`` of ``of`` is its base: reached of observed, met of all, answers of accounts."""

    value: float | None
    n: float
    of: float
    low: float | None = None
    high: float | None = None
    """Bounds of the interval; None if it is open on that side."""
    small: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the figure as plain values."""
        low, high = _rounded(self.low), _rounded(self.high)
        made = {
            "value": _rounded(self.value),
            "n": _rounded(self.n),
            "of": _rounded(self.of),
            "interval": [low, high] if low is not None and high is not None else None,
            "small": self.small,
        }
        return made | ({"interval_from": low} if low is not None and high is None else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A Kaplan-Meier curve: from each of ``days`` on, the share that had not reached it yet."""

    days: tuple[float, ...]
    waiting: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def quantile(self, share: float) -> float | None:
        """Return the days by which this share had reached it; None if fewer have."""
        return _first_below(self.days, self.waiting, 1 - share)


def curve(spans: Sequence[Span]) -> Curve:
    """Return the Kaplan-Meier curve with a log-log interval; no points if no account reached it."""
    if not any(one.reached for one in spans):
        return Curve(days=(), waiting=(), low=(), high=())
    import numpy as np
    from scipy.stats import CensoredData, ecdf

    reached = [one.days for one in spans if one.reached]
    others = [one.days for one in spans if not one.reached]
    fitted = ecdf(CensoredData(uncensored=reached, right=others)).sf
    with np.errstate(all="ignore"), warnings.catch_warnings():
        # The interval is undefined at 1 and at 0; ``_bounds`` fills it.
        warnings.simplefilter("ignore", RuntimeWarning)
        band = fitted.confidence_interval(LEVEL, method="log-log")
    known = set(reached)
    kept = [place for place, days in enumerate(fitted.quantiles) if float(days) in known]
    waiting = tuple(float(fitted.probabilities[place]) for place in kept)
    return Curve(
        days=tuple(float(fitted.quantiles[place]) for place in kept),
        waiting=waiting,
        low=_bounds([float(band.low.probabilities[place]) for place in kept], waiting, at_end=0.0),
        high=_bounds([float(band.high.probabilities[place]) for place in kept], waiting, at_end=None),
    )


def _bounds(found: Sequence[float], waiting: Sequence[float], at_end: float | None) -> tuple[float, ...]:
    """Return a band without gaps: at 1 there is no uncertainty; at 0 the formula is undefined, so the lower bound is
    0 and the upper one keeps its last value."""
    bounds: list[float] = []
    for value, share in zip(found, waiting, strict=True):
        last = bounds[-1] if bounds else 1.0
        undefined = 1.0 if share >= 1.0 else last if at_end is None else at_end
        bounds.append(undefined if math.isnan(value) else value)
    return tuple(bounds)


def median_time(spans: Sequence[Span]) -> Estimate:
    """Return the median by Kaplan-Meier; its interval is where the curve's band crosses one half."""
    found = curve(spans)
    reached = sum(1 for one in spans if one.reached)
    return Estimate(
        value=found.quantile(0.5),
        n=reached,
        of=len(spans),
        low=_first_below(found.days, found.low, 0.5),
        high=_first_below(found.days, found.high, 0.5),
        small=few_times(len(spans), reached),
    )


def few_times(accounts: int, reached: int) -> bool:
    """Return whether a time of so many accounts, of which some reached it, is called small."""
    return accounts < FEW_ACCOUNTS or reached < FEW_REACHED


def _first_below(days: Sequence[float], shares: Sequence[float], limit: float) -> float | None:
    return next((at for at, share in zip(days, shares, strict=True) if share <= limit + _ROUNDING), None)


def differs(one: Sequence[Span], other: Sequence[Span]) -> float | None:
    """Return the p-value of the log-rank test between two groups; None if it cannot be computed."""
    reached = [sum(1 for span in group if span.reached) for group in (one, other)]
    if min(len(one), len(other)) < 2 or not all(reached):
        return None
    import numpy as np
    from scipy.stats import CensoredData, logrank

    groups = [
        CensoredData(
            uncensored=[span.days for span in group if span.reached],
            right=[span.days for span in group if not span.reached],
        )
        for group in (one, other)
    ]
    with np.errstate(all="ignore"):
        p_value = float(logrank(*groups).pvalue)
    return None if math.isnan(p_value) else p_value


def proportion(shares: Sequence[Share]) -> Estimate:
    """Return met of all, with Wilson's interval."""
    met, of = sum(one.met for one in shares), sum(one.of for one in shares)
    if not of:
        return Estimate(value=None, n=0, of=0, small=True)
    from scipy.stats import binomtest

    band = binomtest(round(met), round(of)).proportion_ci(LEVEL, method="wilson")
    few = len(shares) < FEW_ACCOUNTS or of < FEW_ACCOUNTS
    return Estimate(value=met / of, n=met, of=of, low=float(band.low), high=float(band.high), small=few)


def ratio(shares: Sequence[Share]) -> Estimate:
    """Return the sum met of the sum of all. The hours or tickets of one account are dependent, so the interval is over
    accounts (linearised); it may reach beyond 0 and 1."""
    met, of = math.fsum(one.met for one in shares), math.fsum(one.of for one in shares)
    if not of:
        return Estimate(value=None, n=0, of=0, small=True)
    value, count = met / of, len(shares)
    small = count < FEW_ACCOUNTS
    if count < 2:
        return Estimate(value=value, n=met, of=of, small=small)
    squares = math.fsum((one.met - value * one.of) ** 2 for one in shares)
    reach = _t(count) * math.sqrt(count / (count - 1) * squares) / of
    return Estimate(value=value, n=met, of=of, low=value - reach, high=value + reach, small=small)


def mean(values: Sequence[float], accounts: int) -> Estimate:
    """Return the mean of the values with Student's interval; ``accounts`` is how many could have given one."""
    count = len(values)
    if not count:
        return Estimate(value=None, n=0, of=accounts, small=True)
    value = math.fsum(values) / count
    small = count < FEW_ACCOUNTS
    if count < 2:
        return Estimate(value=value, n=count, of=accounts, small=small)
    deviation = math.sqrt(math.fsum((one - value) ** 2 for one in values) / (count - 1))
    reach = _t(count) * deviation / math.sqrt(count)
    return Estimate(value=value, n=count, of=accounts, low=value - reach, high=value + reach, small=small)


def within(found: Estimate, lowest: float, highest: float) -> Estimate:
    """Return the estimate with its interval cut at the ends of the scale."""
    if found.low is None or found.high is None:
        return found
    return replace(found, low=max(found.low, lowest), high=min(found.high, highest))


def fewer(before: Estimate, after: Estimate) -> bool:
    """Return whether a share is smaller than before, or is not known any more."""
    return before.value is not None and (after.value is None or after.value < before.value)


def fell(before: Share, after: Share) -> float | None:
    """Return the p-value of Fisher's test between two shares; None if either is empty."""
    if not before.of or not after.of:
        return None
    from scipy.stats import fisher_exact

    rows = [[round(one.met), round(one.of - one.met)] for one in (before, after)]
    return float(fisher_exact(rows).pvalue)


def steps(found: Curve, until: float) -> list[tuple[float, float]]:
    """Return the corners of a curve drawn as steps, from day 0 (or earlier) at 1 up to ``until``."""
    start = min(0.0, found.days[0]) if found.days else 0.0
    corners = [(start, 1.0)]
    for (_, before), (day, after) in pairwise([(start, 1.0), *zip(found.days, found.waiting, strict=True)]):
        corners += [(day, before), (day, after)]
    return [*corners, (max(until, corners[-1][0]), corners[-1][1])]


def _rounded(value: float | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if float(value).is_integer() and abs(value) >= 1 else round(value, 4)


def _t(count: int) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + LEVEL) / 2, count - 1))
