"""Stalls and what they cost: days by cause, and the share of the deals' amounts that fell on them before activation."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from onboarding.metrics.estimates import FEW_ACCOUNTS
from onboarding.metrics.figures import AccountFigures, StallTime
from onboarding.model.phrases import name_words, side_words
from onboarding.model.vocabulary import Status

UNIT = "amount in the currency of the tier rules"
DEFINITION = (
    "What a stall costs is paid time without value: the part of a deal's amount that falls on the days between "
    "signature and activation on which such a stall was open. The amount of the deal that opened the onboarding is "
    "taken as the price of the days that the playbook names (contract_days, 365 if it names none), each day alike. "
    "The customer paid for these days and had no use of them yet: it is no lost revenue, and some of the time would "
    "have passed anyway. Deals without an amount, or whose currency has no rate, are left out and counted beside the "
    "figure. Days with several stalls at once count for each cause, and once in the total."
)
NOT_BEFORE, NO_AMOUNT = "all of it after activation", "no deal has an amount"
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """An amount of money; ``known`` of ``accounts`` that stood still before activation have a deal with an amount."""

    amount: float
    known: int
    accounts: int

    @property
    def value(self) -> float | None:
        """Return the amount; None if no account has one."""
        return self.amount if self.known else None

    @property
    def small(self) -> bool:
        """Return whether it rests on few accounts."""
        return self.known < FEW_ACCOUNTS

    @property
    def why(self) -> str | None:
        """Return why there is no amount, in words."""
        if self.known:
            return None
        return NO_AMOUNT if self.accounts else NOT_BEFORE

    def as_json(self) -> dict[str, Any]:
        """Return the cost as plain values, named as those of a metric."""
        value = None if self.value is None else round(self.value, 2)
        return {"value": value, "n": self.known, "of": self.accounts, "small": self.small, "why": self.why}


@dataclass(frozen=True, slots=True, kw_only=True)
class StallCost:
    """One cause of stalls: how often, how long, whose move it was, and what the time cost."""

    kind: str
    waiting_on: str
    times: int
    open: int
    accounts: tuple[str, ...]
    """Their names."""
    days: float
    cost: Cost

    def as_json(self) -> dict[str, Any]:
        """Return the cause as plain values."""
        return {
            "kind": self.kind,
            "waiting_on": self.waiting_on,
            "times": self.times,
            "open": self.open,
            "accounts": len(self.accounts),
            "days": round(self.days, 4),
            "cost": self.cost.as_json(),
        }

    @property
    def words(self) -> tuple[str, str, str, str, str, str]:
        """Return the cause, whose move it was, how often, the days, the cost, and of how many accounts that is."""
        return (
            name_words(self.kind),
            side_words(self.waiting_on),
            str(self.times),
            f"{self.days:.0f}",
            amount_words(self.cost),
            counted_words(self.cost),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StallCosts:
    """All causes, the one that cost most days first, and the money in all."""

    causes: tuple[StallCost, ...]
    total: Cost

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return a row of words a cause and one for all, as ``StallCost.words`` has them; empty without stalls."""
        in_all = ("in all", "", "", "", amount_words(self.total), counted_words(self.total))
        return (*(one.words for one in self.causes), in_all) if self.causes else ()

    def as_json(self) -> dict[str, Any]:
        """Return them as plain values, with the definition."""
        return {
            "definition": DEFINITION,
            "unit": UNIT,
            "total": self.total.as_json(),
            "causes": [one.as_json() for one in self.causes],
        }


def stall_costs(accounts: Sequence[AccountFigures]) -> StallCosts:
    """Return what the stalls of these accounts cost, cancelled onboardings left out. Pure; the order of the accounts
    does not matter."""
    accounts = [one for one in accounts if one.status is not Status.CANCELLED]
    found: defaultdict[tuple[str, str], list[tuple[AccountFigures, list[StallTime]]]] = defaultdict(list)
    for one in accounts:
        mine: defaultdict[tuple[str, str], list[StallTime]] = defaultdict(list)
        for stall in one.stalls:
            mine[stall.kind, stall.waiting_on].append(stall)
        for cause, stalls in mine.items():
            found[cause].append((one, stalls))
    causes = [
        StallCost(
            kind=kind,
            waiting_on=side,
            times=sum(len(stalls) for _, stalls in some),
            open=sum(stall.open for _, stalls in some for stall in stalls),
            accounts=tuple(sorted({one.account_name for one, _ in some})),
            days=sum(_covered((stall.since, stall.until) for stall in stalls) for _, stalls in some),
            cost=_cost(some),
        )
        for (kind, side), some in found.items()
    ]
    return StallCosts(
        causes=tuple(sorted(causes, key=lambda one: (-one.days, one.kind, one.waiting_on))),
        total=_cost((one, one.stalls) for one in accounts),
    )


def amount_words(cost: Cost) -> str:
    """Return the amount: ``12,400``; ``-`` where there is none."""
    return "-" if cost.value is None else f"{cost.value:,.0f}"


def counted_words(cost: Cost) -> str:
    """Return of how many accounts the amount is, or why there is none: ``2 of 3 accounts, few``."""
    if cost.why is not None:
        return cost.why
    return f"{cost.known} of {cost.accounts} account{'' if cost.accounts == 1 else 's'}{', few' if cost.small else ''}"


def _cost(stalled: Iterable[tuple[AccountFigures, Sequence[StallTime]]]) -> Cost:
    amount, known, accounts = 0.0, 0, 0
    for one, stalls in sorted(stalled, key=lambda pair: pair[0].deal_id):
        days = _days_without_value(one, stalls)
        if not days:
            continue
        accounts += 1
        if one.amount is not None and one.amount > 0:
            known += 1
            amount += one.amount * days / one.contract_days
    return Cost(amount=amount, known=known, accounts=accounts)


def _days_without_value(one: AccountFigures, stalls: Sequence[StallTime]) -> float:
    """Return the days with one of the stalls, of those paid for before activation and before the customer left;
    overlapping stalls count once."""
    term_end = one.signed_at + timedelta(days=one.contract_days)
    end = min(at for at in (term_end, one.activated_at, one.left_at) if at is not None)
    return _covered((max(stall.since, one.signed_at), min(stall.until, end)) for stall in stalls)


def _covered(stretches: Iterable[Stretch]) -> float:
    """Return the days that lie in any of these stretches; one that ends before it starts has none."""
    spent, counted_to = timedelta(), None
    for since, until in sorted(stretches):
        start = since if counted_to is None else max(since, counted_to)
        if start < until:
            spent += until - start
            counted_to = until
    return spent / timedelta(days=1)
