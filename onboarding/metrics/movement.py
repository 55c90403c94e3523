"""Month over month, by tier and product: whether customers reach value later or less often than before (ME-27)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, Literal

from onboarding.metrics import estimates
from onboarding.metrics.definitions import BY_NAME
from onboarding.metrics.estimates import Estimate, fewer
from onboarding.metrics.figures import AccountFigures, Share, Span
from onboarding.metrics.wording import chance_words, value_words
from onboarding.model.phrases import month_words
from onboarding.model.vocabulary import Status

DAY = timedelta(days=1)
LONGER, FEWER = 0.10, 0.05
"""A median longer by a tenth, or a share lower by five points, is reported. This project's choice."""
By = Literal["all", "tier", "product"]
ALL: Final = "all"


class Turn(StrEnum):
    """The direction of a change."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    TOO_FEW = "too_few"
    MISLEADING = "misleading"
    """Faster, but with fewer goals reached, which is no success (ME-33)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One figure of the accounts whose target date is in a month, compared with the month before."""

    segment: str
    by: By
    """What kind of segment it is."""
    metric: str
    month: str
    before: Estimate
    after: Estimate
    turn: Turn
    chance: float | None
    """The p-value of a test between both months."""
    note: str = ""

    @property
    def alarming(self) -> bool:
        """Return whether managers are told of it."""
        return self.turn in (Turn.WORSE, Turn.MISLEADING)

    @property
    def where(self) -> str:
        """Return the segment's name: a tier, or ``product`` with its name."""
        return f"product {self.segment}" if self.by == "product" else self.segment

    @property
    def words(self) -> str:
        """Return the change in a sentence."""
        definition = BY_NAME[self.metric]
        was, now = (value_words(definition, one.value) for one in (self.before, self.after))
        if self.metric == "time_to_value":
            was, now = (told if told != "-" else "more than half not in time" for told in (was, now))
        where = "" if self.by == ALL else f" of {self.by} {self.segment}"
        chance = f"; chance alone: {chance_words(self.chance)}" if self.chance is not None else ""
        note = f". {self.note}" if self.note else ""
        return (
            f"{definition.title}{where}, accounts due in {month_words(self.month)}: {now} ({self.after.of:.0f} "
            f"accounts), the month before {was} ({self.before.of:.0f}){chance}{note}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the movement as plain values."""
        return {
            "segment": self.segment,
            "by": self.by,
            "metric": self.metric,
            "month": self.month,
            "before": {"value": self.before.value, "n": self.before.n, "of": self.before.of},
            "after": {"value": self.after.value, "n": self.after.n, "of": self.after.of},
            "turn": self.turn,
            "p": self.chance,
            "note": self.note or None,
        }


def movements(accounts: Sequence[AccountFigures], as_of: datetime) -> tuple[Movement, ...]:
    """Return how time to value and activation changed from the last but one full month (UTC) to the last, in total,
    by tier and by product.

    Each account counts in the month of its target date, by what it had reached by that date, so that both months are
    observed equally long and a recent month does not look worse.
    """
    counted = [one for one in accounts if one.status is not Status.CANCELLED]
    this = _start_of_month(as_of)
    last = _start_of_month(this - DAY)
    before_last = _start_of_month(last - DAY)
    found: list[Movement] = []
    for by, segment, mine in _segments(counted):
        after = [one for one in mine if last <= one.target_at < this]
        before = [one for one in mine if before_last <= one.target_at < last]
        if after and before:
            found += _compared(partial(Movement, by=by, segment=segment, month=f"{last:%Y-%m}"), before, after)
    return tuple(found)


def _segments(accounts: Sequence[AccountFigures]) -> Iterator[tuple[By, str, Sequence[AccountFigures]]]:
    """Yield all accounts, those of each tier, and those of each product where there are several."""
    yield ALL, ALL, accounts
    for tier in sorted({one.tier for one in accounts}):
        yield "tier", tier, [one for one in accounts if one.tier == tier]
    products = sorted({one.product for one in accounts})
    for product in filter(None, products if len(products) > 1 else ()):
        yield "product", product, [one for one in accounts if one.product == product]


def _compared(
    movement: Callable[..., Movement], before: Sequence[AccountFigures], after: Sequence[AccountFigures]
) -> list[Movement]:
    times = [[_by_target(one) for one in group] for group in (before, after)]
    shares = [[Share(int(span.reached), 1) for span in spans] for spans in times]
    slow, fast = (estimates.median_time(spans) for spans in times)
    few, many = (estimates.proportion(group) for group in shares)
    too_few = min(len(before), len(after)) < estimates.FEW_ACCOUNTS
    goals = [estimates.proportion(_goals(group)) for group in (before, after)]
    turn, note = _turn_of_time(slow, fast), ""
    if turn is Turn.BETTER:
        turn, note = _with_goals(*goals)
    rate = Turn.WORSE if _lower(few, many) else Turn.BETTER if _lower(many, few) else Turn.SAME
    return [
        movement(
            metric="time_to_value",
            before=slow,
            after=fast,
            turn=Turn.TOO_FEW if too_few else turn,
            chance=estimates.differs(*times),
            note=note if not too_few else "",
        ),
        movement(
            metric="activation_rate",
            before=few,
            after=many,
            turn=Turn.TOO_FEW if too_few else rate,
            chance=estimates.fell(Share(few.n, few.of), Share(many.n, many.of)),
        ),
    ]


def _by_target(one: AccountFigures) -> Span:
    """Return the time to value, censored at the target date."""
    end = min(at for at in (one.target_at, one.left_at) if at is not None)
    in_time = one.activated_at is not None and one.activated_at <= one.target_at
    at = one.activated_at if in_time and one.activated_at is not None else end
    return Span((at - one.signed_at) / DAY, in_time)


def _turn_of_time(before: Estimate, after: Estimate) -> Turn:
    if before.value is None and after.value is None:
        return Turn.SAME
    if before.value is None or after.value is None:
        return Turn.BETTER if before.value is None else Turn.WORSE
    change = after.value - before.value
    if not change or abs(change) < LONGER * abs(before.value):
        return Turn.SAME
    return Turn.WORSE if change > 0 else Turn.BETTER


def _with_goals(before: Estimate, after: Estimate) -> tuple[Turn, str]:
    """Return how a shorter time counts, with a note: as better only if no smaller share of the goals was reached
    (ME-33)."""
    if not fewer(before, after):
        return Turn.BETTER, ""
    if after.value is None:
        return Turn.SAME, "Faster, but none of these accounts' goals is due yet"
    was, now = (value_words(BY_NAME["goal_attainment"], one.value) for one in (before, after))
    note = f"Faster is no success here: {now} of the goals were reached, the month before {was}"
    return (Turn.MISLEADING if _lower(before, after) else Turn.SAME), note


def _lower(before: Estimate, after: Estimate) -> bool:
    if before.value is None or after.value is None:
        return False
    return before.value - after.value >= FEWER


def _goals(group: Sequence[AccountFigures]) -> list[Share]:
    found = [one.parts.get("goal_attainment") for one in group]
    return [one for one in found if isinstance(one, Share)]


def _start_of_month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
