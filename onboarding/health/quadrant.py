"""User and customer onboarding side by side, and readiness to expand (FM-18, FM-19, HS-4)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from onboarding.escalations.causes import is_pressing
from onboarding.health.part import Part
from onboarding.health.score import GREEN, YELLOW, Health
from onboarding.model.case import Stall
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import PromiseState
from onboarding.values import dataclass

USERS = frozenset({"use", "breadth", "depth"})
CUSTOMER = frozenset({"goals", "sponsor", "responsiveness"})


FEWEST = 2
"""How many inputs of a side must be known to judge it: one login proves no adoption. This project's choice."""
HELD = 10
"""By how many points a side must recover or fall before an imbalance is over. This project's choice."""


class Imbalance(StrEnum):
    """One side is well onboarded and the other is not; the values are kinds of stalls."""

    VALUE_NOT_SHOWN = "value_not_shown"
    FEW_USERS = "few_users"

    @property
    def intervention(self) -> str:
        """Return the imbalance and what to do, without a full stop."""
        cause, step = _WORDS[self]
        return f"{cause[0].lower()}{cause[1:]}: {step}"


_WORDS = {
    Imbalance.VALUE_NOT_SHOWN: (
        "The users work with it, and nobody can show what it brings",
        "agree the goals' figures with the sponsor before the renewal is decided without them",
    ),
    Imbalance.FEW_USERS: (
        "Goals and sponsor are in place, and few people work with it",
        "train the roles that are missing before the sponsor loses confidence",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrant:
    """How well the users and the customer as a company are onboarded, from 0 to 100; None where it is not known."""

    users: int | None
    customer: int | None

    @property
    def intervention(self) -> str | None:
        """Return what to do if one side is well onboarded and the other is not; else None."""
        side = self.imbalance()
        return None if side is None else side.intervention

    def imbalance(self, *, already: bool = False) -> Imbalance | None:
        """Return which side is behind; None if neither is, or one is not known. One that was so ``already`` is until a
        side has moved clearly over its limit, so that a score at the limit opens nothing twice."""
        if self.users is None or self.customer is None:
            return None
        well, badly = (GREEN - HELD, YELLOW + HELD) if already else (GREEN, YELLOW)
        if self.users >= well and self.customer < badly:
            return Imbalance.VALUE_NOT_SHOWN
        return Imbalance.FEW_USERS if self.customer >= well and self.users < badly else None


def quadrant(parts: Iterable[Part]) -> Quadrant:
    """Return both sides from the inputs of the score. The depth tells of those who were seen, so it counts for the
    share of the seats that they are: a few who do a lot are no adoption."""
    scores = {part.name: part.score for part in parts if part.score is not None}
    if "depth" in scores and "breadth" in scores:
        scores["depth"] = scores["depth"] * scores["breadth"] // 100
    return Quadrant(users=_mean(scores, USERS), customer=_mean(scores, CUSTOMER))


def ready_to_expand(found: Health, state: OnboardingState, stalls: Iterable[Stall]) -> bool:
    """Return whether the account is strong and active: green, with first value, using the product, without an urgent
    stall or a broken promise."""
    use = next((part.score for part in found.parts if part.name == "use"), None)
    return (
        found.band == "green"
        and state.activated_at is not None
        and use is not None
        and use >= GREEN
        and not any(is_pressing(stall.severity) for stall in stalls)
        and not any(promise.state is PromiseState.BROKEN for promise in state.promises)
    )


def _mean(scores: Mapping[str, int], names: frozenset[str]) -> int | None:
    known = [score for name, score in scores.items() if name in names]
    return round(sum(known) / len(known)) if len(known) >= FEWEST else None
