"""Playbooks with the parts of products stitched in: each thing once, for the customers of its products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Generic, TypeVar

from onboarding.model.conditions.part import PartStage, PlaybookPart
from onboarding.model.conditions.written import Traits, When
from onboarding.model.playbook import MilestonePlan, Playbook, StagePlan, Step
from onboarding.model.vocabulary import STAGES, Stage
from onboarding.model.written.stall_rule import StallRule

Thing = TypeVar("Thing", MilestonePlan, Step, StallRule)
Place = tuple[str | int, ...]


class Refused(Exception):
    """A part that does not fit a playbook or another part."""

    def __init__(self, part: str, place: Place, problem: str, mend: str) -> None:
        super().__init__(f"{part}: {problem}. {mend}")
        self.part, self.place, self.problem, self.mend = part, place, problem, mend


def stitched(playbook: Playbook, parts: Sequence[PlaybookPart]) -> Playbook:
    """Return the playbook with what the parts add, each for the customers of its products. Pure.

    A name without the prefix of its part is shared: what the playbook has already is not added again, and what several
    parts bring is there once, for the customers of any of them. Raises Refused where one name means two things, and
    ValueError where the whole is no playbook.
    """
    if not parts:
        return playbook
    steps = _Collected[Step]({step.name: step for step in playbook.steps})
    stalls = _Collected[StallRule](playbook.stalls)
    for part in parts:
        for number, step in enumerate(part.steps):
            steps.take(step.name, step, part, ("steps", number))
        for kind, rule in part.stalls.items():
            stalls.take(kind, rule, part, ("stalls", kind))
    given = {stage: [(one, one.stages[stage]) for one in parts if stage in one.stages] for stage in STAGES}
    return replace(
        playbook,
        stages={stage: _stage(playbook.stages[stage], stage, given[stage]) for stage in STAGES},
        steps=(*playbook.steps, *steps.fitted().values()),
        stalls={**playbook.stalls, **stalls.fitted()},
    )


@dataclass(slots=True)
class _Collected(Generic[Thing]):
    """The things of one kind that parts bring, beside those of the playbook."""

    own: Mapping[str, Thing]
    added: dict[str, Thing] = field(default_factory=dict)
    customers: dict[str, list[Traits]] = field(default_factory=dict)

    def take(self, name: str, thing: Thing, part: PlaybookPart, place: Place) -> None:
        """Add a thing of a part, unless it is there. Raises Refused where another thing has its name."""
        if name in self.own and part.owns(name):
            problem, mend = f"the playbook has something named {name} already", "give one of them another name"
            raise Refused(part.part, place, problem, mend)
        there = self.own.get(name, self.added.get(name))
        if there is not None and there != thing:
            problem = f"{name} is there already, and differs"
            mend = f"write it as it stands there, or begin its name with {part.part}_ where it is this part's own"
            raise Refused(part.part, place, problem, mend)
        if name in self.own:
            return
        others = self.customers.setdefault(name, [])
        if others and thing.when and thing.when.any_of:
            mend = "take any_of: out of its when:"
            raise Refused(part.part, place, f"{name} is shared by parts and has any_of of its own", mend)
        self.added[name] = thing
        others.append(part.customers)

    def fitted(self) -> dict[str, Thing]:
        """Return what is added, each with the condition of its parts."""
        return {name: replace(thing, when=_for(thing.when, self.customers[name])) for name, thing in self.added.items()}


def _stage(plan: StagePlan, stage: Stage, given: Sequence[tuple[PlaybookPart, PartStage]]) -> StagePlan:
    milestones = _Collected[MilestonePlan]({one.name: one for one in plan.milestones})
    exits: dict[str, list[Traits]] = {}
    for part, here in given:
        for number, one in enumerate(here.milestones):
            milestones.take(one.name, one, part, ("stages", stage.value, "milestones", number))
        for number, name in enumerate(here.exit):
            if name in milestones.own and name not in plan.exit:
                problem = f"{name} is a milestone of the playbook, and no exit criterion there"
                mend = "add it to exit: of the playbook, or take it out of exit: here"
                raise Refused(part.part, ("stages", stage.value, "exit", number), problem, mend)
            exits.setdefault(name, []).append(part.customers)
    if not milestones.added:
        return plan
    # Where some parts bring a milestone without waiting for it, the stage waits only for the customers of the others.
    some = {name: who for name, who in exits.items() if len(who) < len(milestones.customers.get(name, ()))}
    return replace(
        plan,
        milestones=(*plan.milestones, *milestones.fitted().values()),
        exit=(*plan.exit, *(name for name in exits if name not in plan.exit)),
        exit_when={**plan.exit_when, **{name: _for(None, who) for name, who in some.items()}},
    )


def _for(own: When | None, customers: Sequence[Traits]) -> When:
    """Return the condition of a thing together with that of its parts: the customers of any of these."""
    if len(customers) > 1:
        return replace(own, any_of=tuple(customers)) if own else When(any_of=tuple(customers))
    if own is not None:
        return replace(own, all_of=(*own.all_of, *customers))
    return When(**{one.name: getattr(customers[0], one.name) for one in fields(Traits)})
