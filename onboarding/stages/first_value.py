"""Stage 5, first value and transition (ST-5): the customer's first measurable win, told to both sides.

Then the next ninety days are planned, the owner changes and the account plan is begun. No onboarding is closed as
complete without the check of its goals (GO-7).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from onboarding.model.case import Case
from onboarding.model.phrases import list_words
from onboarding.model.playbook import Playbook
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import Channel, EffectState, Stage, VendorRole
from onboarding.stages.criteria import Condition, condition, of_milestone, read_exit

STAGE = Stage.FIRST_VALUE
OBJECTIVE = "The customer reaches a first measurable win and knows what comes next"
OWNER = VendorRole.CSM
GOALS_CHECKED = "goals_checked"


def criteria(case: Case, state: OnboardingState, playbook: Playbook) -> tuple[Criterion, ...]:
    """Return the exit criteria of the onboarding, met or not, in words."""
    return read_exit(STAGE, CONDITIONS, case, state, playbook)


def both_sides_told_at(case: Case) -> datetime | None:
    """Return when the activation had been told to both the customer (mail) and the vendor (Slack), in UTC; None
    before."""
    told = [first_sent_at(case, ("activation",), channel) for channel in (Channel.MAIL, Channel.SLACK)]
    times = [at for at in told if at is not None]
    return max(times) if len(times) == len(told) else None


def first_sent_at(case: Case, kinds: Sequence[str], channel: Channel | None = None) -> datetime | None:
    """Return when the first message of these kinds was sent, in UTC; on ``channel`` only, if given."""
    return min(
        (
            effect.sent_at
            for effect in case.effects
            if effect.kind in kinds
            and effect.state is EffectState.SENT
            and effect.sent_at is not None
            and channel in (None, effect.channel)
        ),
        default=None,
    )


def _goals_checked(case: Case, state: OnboardingState, playbook: Playbook) -> Criterion:
    """Return the criterion of the goal check, which needs both a tick by a person and a value of each goal. A milestone
    that does not apply, with a reason, needs no value."""
    milestone = state.milestones.get(GOALS_CHECKED)
    if milestone is not None and (milestone.status != "done" or not state.goals):
        return of_milestone(milestone)
    unknown = [goal.metric for goal in state.goals if not goal.values]
    times = [goal.values[0].at for goal in state.goals if goal.values]
    times += [milestone.done_at] if milestone is not None and milestone.done_at is not None else []
    title = milestone.title if milestone else "Check delivered value against each goal"
    named = list_words(f"“{metric}”" for metric in unknown)
    return condition(
        GOALS_CHECKED,
        missing=f"{title}: nobody has said where {named} stands, and a tick alone checks no goal" if unknown else None,
        holds=f"{title}: done, and the value of each goal is known",
        at=max(times, default=None),
        owner_role=milestone.owner_role if milestone else VendorRole.CSM,
    )


CONDITIONS: Mapping[str, Condition] = {GOALS_CHECKED: _goals_checked}
