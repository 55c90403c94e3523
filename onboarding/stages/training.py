"""Stage 4, training and adoption (ST-4): people complete their actual daily tasks in the product.

What counts is tasks done by real users, role by role, never sessions attended.
"""

from collections.abc import Mapping

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import CustomerRole, Side, Stage, VendorRole
from onboarding.stages.criteria import Condition, condition, read_exit

STAGE = Stage.TRAINING
OBJECTIVE = "People complete their daily tasks in the product, role by role"
OWNER = VendorRole.CSM
CONDITIONS: Mapping[str, Condition] = {}


def criteria(case: Case, state: OnboardingState, playbook: Playbook) -> tuple[Criterion, ...]:
    """Return the exit criteria of training, met or not, in words.

    If no person holds any of the roles whose tasks count, none of the criteria would apply and the stage would be
    left with nothing learned; then a person with a role is required instead.
    """
    found = read_exit(STAGE, CONDITIONS, case, state, playbook)
    if not found or not all(_lacks_holder(criterion, case, state, playbook) for criterion in found):
        return found
    return (
        *found,
        condition(
            "somebody_to_train",
            missing="Nobody at the customer holds a role with tasks to be seen: name users and their roles",
            holds="",
            at=None,
            owner_role=CustomerRole.CHAMPION,
            side=Side.CUSTOMER,
        ),
    )


def _lacks_holder(criterion: Criterion, case: Case, state: OnboardingState, playbook: Playbook) -> bool:
    """Return whether a criterion holds only because its role has no holder; a waiver by a person is not that."""
    milestone = state.milestones.get(criterion.name)
    if milestone is None or milestone.status != "not_applicable" or milestone.waived_at is not None:
        return False
    plans = (plan for plan in playbook.stages[STAGE].milestones if plan.name == criterion.name)
    return any(plan.needs_role is not None and plan.needs_role not in state.holders for plan in plans)
