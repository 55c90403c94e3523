"""Exit criteria in words, for all stages."""

from collections.abc import Callable, Mapping
from datetime import datetime

from onboarding.model.case import Case
from onboarding.model.phrases import role_words
from onboarding.model.playbook import Playbook
from onboarding.model.state import Criterion, Milestone, OnboardingState
from onboarding.model.vocabulary import Side, Stage

Condition = Callable[[Case, OnboardingState, Playbook], Criterion]
"""An exit criterion that is not a milestone; the rules of the stage define when it holds."""


def read_exit(
    stage: Stage,
    conditions: Mapping[str, Condition],
    case: Case,
    state: OnboardingState,
    playbook: Playbook,
) -> tuple[Criterion, ...]:
    """Return the exit criteria of ``stage`` in the order of the playbook, met or not.

    Raise ValueError for a name that is neither a milestone nor a condition of the stage; ``playbook check``
    reports it before anything runs.
    """
    found = []
    for name in playbook.stages[stage].exit:
        if name in conditions:
            found.append(conditions[name](case, state, playbook))
        elif name in state.milestones:
            found.append(of_milestone(state.milestones[name]))
        else:
            raise ValueError(unknown_exit(playbook, stage, name))
    return tuple(found)


def unknown_exit(playbook: Playbook, stage: Stage, name: str) -> str:
    """Return the message about an exit criterion that does not exist."""
    return (
        f"playbook {playbook.tier}, stages.{stage}.exit: {name} is neither a milestone of the playbook nor "
        f"a condition of this stage; give it a milestone or take it out of the list"
    )


def of_milestone(milestone: Milestone) -> Criterion:
    """Return a milestone as an exit criterion."""
    if milestone.status == "done":
        by = f" ({milestone.done_by})" if milestone.done_by else ""
        text = f"{milestone.title}: done{by}"
    elif milestone.met:
        text = f"{milestone.title}: not applicable, {milestone.reason}"
    elif milestone.status == "not_applicable":
        text = f"{milestone.title}: marked as not applicable, but without a reason"
    else:
        text = f"{milestone.title}: not done yet, {owed_by(milestone.side, milestone.owner_role)}"
    return Criterion(
        name=milestone.name,
        text=text,
        met=milestone.met,
        at=milestone.done_at or milestone.waived_at,
        side=milestone.side,
        owner_role=milestone.owner_role,
    )


def condition(
    name: str,
    *,
    missing: str | None,
    holds: str,
    at: datetime | None,
    owner_role: str,
    side: Side = Side.VENDOR,
) -> Criterion:
    """Return a condition as an exit criterion: met if nothing is ``missing``, and then worded by ``holds``."""
    return Criterion(
        name=name,
        text=missing or holds,
        met=missing is None,
        at=at if missing is None else None,
        side=side,
        owner_role=owner_role,
    )


def owed_by(side: Side, role: str) -> str:
    """Return who owes it, in words."""
    name = role_words(role)
    return {
        Side.VENDOR: f"our {name} owes it",
        Side.CUSTOMER: f"the customer's {name} owes it",
        Side.THIRD_PARTY: f"a third party owes it, our {name} asks for it",
    }[side]
