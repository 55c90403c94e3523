"""The signals of a playbook that are key actions of the product's users."""

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Side
from onboarding.usage.proof import detection_for
from onboarding.usage.use import ACTIVATION
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True)
class SignalNames:
    """The signals of a playbook by what they prove for one customer."""

    key_actions: frozenset[str]
    """Those that prove one of the customer's milestones, or activation (ME-5)."""
    successes: frozenset[str]
    """Those that prove activation."""
    sign_ups: frozenset[str] = frozenset()
    time_spent: frozenset[str] = frozenset()
    """Those whose count is minutes."""


def signal_names(playbook: Playbook, case: Case) -> SignalNames:
    """Return the signals of key actions and of success for this customer. A milestone's own name counts as one too."""
    plans = [plan for plan in playbook.milestones() if plan.side is Side.CUSTOMER or plan.name == ACTIVATION]
    found = [(plan.name, plan.name) for plan in plans]
    for plan in plans:
        detection = detection_for(plan, case)
        found += [(need.signal, plan.name) for need in detection.needs] if detection else []
    return SignalNames(
        key_actions=frozenset(signal for signal, _ in found),
        successes=frozenset(signal for signal, name in found if name == ACTIVATION),
        sign_ups=frozenset(playbook.users.sign_up),
        time_spent=frozenset(playbook.users.time_spent),
    )
