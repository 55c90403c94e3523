"""The work of an onboarding as a forecast sees it: milestones and exit criteria, what each waits for and takes."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from onboarding.model.case import Case
from onboarding.model.phrases import name_words
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.schedule import Due, Duration
from onboarding.model.state import Criterion, Milestone, OnboardingState
from onboarding.model.vocabulary import STAGES, HandoffItem, Side, Stage
from onboarding.model.written.proof import ProvenBy
from onboarding.stages import TABLE

SHOWN_BY: Mapping[str, frozenset[ProvenBy]] = {
    **{item.value: frozenset({ProvenBy.HANDOFF_COMPLETE}) for item in HandoffItem},
    "tier": frozenset({ProvenBy.TIER_SET}),
    "measurable_goal": frozenset({ProvenBy.GOAL_MEASURABLE, ProvenBy.GOALS_CONFIRMED}),
}
"""Exit criteria that are no milestones: the proofs of the milestone by which each is met."""
KICKOFF, GO_LIVE, ACTIVATION = "kickoff_held", "go_live", "activation"
"""Milestones whose date is an anchor of other dates."""
_ANCHORS = {"kickoff": KICKOFF, "go_live": GO_LIVE, "activation": ACTIVATION}


def milestone_at(anchor: str) -> str:
    """Return the milestone whose date an anchor (``Due.anchor``) is; the anchor itself if it is no milestone's."""
    return _ANCHORS.get(anchor, anchor.removeprefix("milestone:"))


class Work(NamedTuple):
    """One milestone or exit criterion."""

    name: str
    title: str
    stage: Stage
    side: Side
    exit: bool
    """Whether its stage cannot be left without it."""
    due: Due | None
    """None for a criterion of which the playbook has no milestone."""
    after: tuple[str, ...] = ()
    takes: Duration | None = None
    like: str = ""
    """The milestone whose usual duration it has."""
    met: bool = False
    at: datetime | None = None
    """When it was done, or declared not applicable; None if it was true from the start."""
    applies: bool = True
    reason: str = ""
    """Why it does not apply."""


def work_of(case: Case, state: OnboardingState, playbook: Playbook) -> Mapping[str, Work]:
    """Return all work by name, in the order of the stages."""
    found: dict[str, Work] = {}
    for stage in STAGES:
        criteria = {one.name: one for one in TABLE[stage].criteria(case, state, playbook)}
        plans = playbook.stages[stage].milestones
        for plan in plans:
            found[plan.name] = _milestone(plan, state.milestones[plan.name], criteria.pop(plan.name, None))
        for one in criteria.values():
            shown = [plan for plan in plans if plan.proof in SHOWN_BY.get(one.name, ())]
            found[one.name] = _criterion(one, stage, shown[0] if shown else None)
    return found


def _milestone(plan: MilestonePlan, row: Milestone, criterion: Criterion | None) -> Work:
    not_applicable = row.status == "not_applicable" and row.met
    return Work(
        name=plan.name,
        title=plan.title,
        stage=row.stage,
        side=plan.side,
        exit=row.exit,
        due=plan.due,
        after=plan.after,
        takes=plan.takes,
        like=plan.name,
        met=criterion.met if criterion else row.met,
        at=row.waived_at if not_applicable else criterion.at if criterion else row.done_at,
        applies=not not_applicable,
        reason=row.reason or "",
    )


def _criterion(one: Criterion, stage: Stage, plan: MilestonePlan | None) -> Work:
    return Work(
        name=one.name,
        title=name_words(one.name).capitalize(),
        stage=stage,
        side=one.side,
        exit=True,
        due=plan.due if plan else None,
        after=plan.after if plan else (),
        takes=plan.takes if plan else None,
        like=plan.name if plan else "",
        met=one.met,
        at=one.at,
    )
