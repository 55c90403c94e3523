"""The product's users in one onboarding, as the metrics need them, and the signals of key actions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.metrics.figures import RoleUse, Share, Span, Spans
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Side

ACTIVE = timedelta(days=30)
"""A user with an event within this time is active. This project's choice."""
ACTIVATION = "activation"


@dataclass(frozen=True, slots=True)
class UserUse:
    """One user since the signature: the first and the last event, and the first key action."""

    user: str
    first_at: datetime
    last_at: datetime
    key_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUse:
    """The users of one onboarding's account, without the vendor's people."""

    users: tuple[UserUse, ...] = ()
    at_end: int | None = None
    """Users active in the thirty days up to the end of the onboarding; None while it has not ended."""

    def active(self, now: datetime) -> int:
        """Return how many were active in the thirty days up to ``now``."""
        return sum(1 for one in self.users if one.last_at > now - ACTIVE)

    @property
    def activated(self) -> Share:
        """Return how many did a key action, of all."""
        return Share(sum(1 for one in self.users if one.key_at is not None), len(self.users))

    def times(self, until: datetime) -> Spans:
        """Return each user's days from the first event to the first key action, or without one up to ``until``: the
        report, or when the customer left."""
        return Spans(
            tuple(
                Span(
                    ((one.key_at or max(until, one.first_at)) - one.first_at) / timedelta(days=1),
                    one.key_at is not None,
                )
                for one in self.users
            )
        )

    def by_role(self, state: OnboardingState) -> tuple[RoleUse, ...]:
        """Return for each role of the stakeholder map how many of its people were seen and did a key action."""
        seen = {one.user.casefold(): one for one in self.users}
        found = []
        for role, people in sorted(state.holders.items(), key=lambda held: held[0].value):
            used = [seen[address] for one in people if (address := (one.email or "").casefold()) in seen]
            done = sum(1 for one in used if one.key_at is not None)
            found.append(RoleUse(role=role.value, people=len(people), seen=len(used), activated=done))
        return tuple(found)


def key_actions(playbook: Playbook) -> frozenset[str]:
    """Return the signals of key actions: those that prove one of the customer's milestones (ME-5)."""
    plans = [plan for plan in playbook.milestones() if plan.side is Side.CUSTOMER or plan.name == ACTIVATION]
    return frozenset(_signals((plan.signal.signal if plan.signal else None, plan.name) for plan in plans))


def activation_signals(playbook: Playbook) -> frozenset[str]:
    """Return the signals that prove activation."""
    plans = [plan for plan in playbook.milestones() if plan.name == ACTIVATION]
    return frozenset(_signals((plan.signal.signal if plan.signal else None, plan.name) for plan in plans))


def _signals(names: Iterable[tuple[str | None, str]]) -> list[str]:
    return [name for pair in names for name in pair if name]
