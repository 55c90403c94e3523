"""Playbooks with one step or milestone more, other or fewer."""

from dataclasses import replace

from onboarding.model.playbook import MilestonePlan, Playbook, Step
from onboarding.model.vocabulary import STAGES, Stage


def with_step(playbook: Playbook, step: Step) -> Playbook:
    """The playbook with this step, instead of the one with its name or at the end."""
    known = [step if one.name == step.name else one for one in playbook.steps]
    return replace(playbook, steps=tuple(known if step in known else [*known, step]))


def without_step(playbook: Playbook, name: str) -> Playbook:
    return replace(playbook, steps=tuple(one for one in playbook.steps if one.name != name))


def with_milestone(playbook: Playbook, plan: MilestonePlan, stage: Stage) -> Playbook:
    """The playbook with this milestone in a stage, instead of the one with its name there or at the end."""
    here = playbook.stages[stage]
    known = [plan if one.name == plan.name else one for one in here.milestones]
    milestones = tuple(known if plan in known else [*known, plan])
    return replace(playbook, stages={**playbook.stages, stage: replace(here, milestones=milestones)})


def without_milestone(playbook: Playbook, name: str) -> Playbook:
    """The playbook without a milestone, nowhere an exit either."""
    return replace(
        playbook,
        stages={
            stage: replace(
                playbook.stages[stage],
                milestones=tuple(one for one in playbook.stages[stage].milestones if one.name != name),
                exit=tuple(one for one in playbook.stages[stage].exit if one != name),
            )
            for stage in STAGES
        },
    )
