"""User and customer onboarding side by side, and readiness to expand (FM-18, FM-19, HS-4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from onboarding.health.part import Part
from onboarding.health.score import GREEN, YELLOW, Health
from onboarding.model.case import Stall
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import PromiseState

USERS = frozenset({"use", "breadth", "depth"})
CUSTOMER = frozenset({"goals", "sponsor", "responsiveness"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrant:
    """How well the users and the customer as a company are onboarded, from 0 to 100; None where it is not known."""

    users: int | None
    customer: int | None

    @property
    def intervention(self) -> str | None:
        """Return what to do if one side is well onboarded and the other is not; else None."""
        if self.users is None or self.customer is None:
            return None
        if self.users >= GREEN and self.customer < YELLOW:
            return (
                "the users work with it, and nobody can show what it brings: agree the goals' figures with the "
                "sponsor before the renewal is decided without them"
            )
        if self.customer >= GREEN and self.users < YELLOW:
            return (
                "goals and sponsor are in place, and few people work with it: train the roles that are missing before "
                "the sponsor loses confidence"
            )
        return None


def quadrant(parts: Iterable[Part]) -> Quadrant:
    """Return both sides from the inputs of the score."""
    parts = tuple(parts)
    return Quadrant(users=_mean(parts, USERS), customer=_mean(parts, CUSTOMER))


def ready_to_expand(found: Health, state: OnboardingState, stalls: Iterable[Stall]) -> bool:
    """Return whether the account is strong and active: green, with first value, using the product, without an urgent
    stall or a broken promise."""
    use = next((part.score for part in found.parts if part.name == "use"), None)
    return (
        found.band == "green"
        and state.activated_at is not None
        and use is not None
        and use >= GREEN
        and not any(stall.severity in ("warning", "critical") for stall in stalls)
        and not any(promise.state is PromiseState.BROKEN for promise in state.promises)
    )


def _mean(parts: tuple[Part, ...], names: frozenset[str]) -> int | None:
    known = [part.score for part in parts if part.name in names and part.score is not None]
    return round(sum(known) / len(known)) if known else None
