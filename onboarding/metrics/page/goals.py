"""The goals of the customers on the report's page: how many were reached, and what they gained by them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from onboarding.metrics.figures import AccountFigures, GoalFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What goals gained their customers so far, in one currency and by the customers' own figures."""

    currency: str
    amount: float
    goals: int
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """Goals by state, with the accounts whose goals were reached or are in doubt."""

    reached: int
    known: int
    unknown: int
    returns: tuple[Return, ...]
    """By currency, the largest first."""
    lines: tuple[tuple[AccountFigures, GoalFigure], ...]


def goals(accounts: Sequence[AccountFigures]) -> Goals:
    """Return the goals by state, those with a known value first."""
    lines = [(one, goal) for one in accounts for goal in one.goals]
    known = [(one, goal) for one, goal in lines if goal.value is not None]
    return Goals(
        returns=_returns(known),
        reached=sum(1 for _, goal in known if goal.reached),
        known=len(known),
        unknown=len(lines) - len(known),
        lines=tuple(sorted(known, key=lambda line: (line[1].reached, line[1].due, line[0].deal_id))),
    )


def _returns(lines: Sequence[tuple[AccountFigures, GoalFigure]]) -> tuple[Return, ...]:
    found: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for account, goal in lines:
        if goal.gain is not None:
            found[goal.currency].append((account.deal_id, goal.gain))
    returns = (
        Return(
            currency=currency,
            amount=sum(gain for _, gain in gains),
            goals=len(gains),
            accounts=len({key for key, _ in gains}),
        )
        for currency, gains in found.items()
    )
    return tuple(sorted(returns, key=lambda one: (-one.amount, one.currency)))
