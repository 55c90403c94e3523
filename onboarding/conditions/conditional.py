"""What of a playbook, or of a part for a product, is not for every customer: each thing with its condition."""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from onboarding.conditions.traits import key_of, said
from onboarding.model.conditions.part import PlaybookPart
from onboarding.model.conditions.written import When
from onboarding.model.playbook import Playbook, StagePlan
from onboarding.model.vocabulary import STAGES


class Part(StrEnum):
    """The parts of a playbook that may have a condition."""

    STEP = "step"
    MILESTONE = "milestone"
    EXIT = "exit"
    STALL = "stall"


class Conditional(NamedTuple):
    """A part of a playbook, or of a part for a product, with its condition."""

    part: Part
    name: str
    title: str
    when: str
    """The condition in words."""
    key: str
    """The key of the condition."""
    condition: When
    place: tuple[str | int, ...]
    """Where the condition stands in the file."""


@lru_cache(maxsize=64)
def conditions_of(playbook: Playbook) -> tuple[tuple[str, When], ...]:
    """Return the conditions of a playbook, each once, with its key."""
    return tuple({one.key: one.condition for one in conditional(playbook)}.items())


@lru_cache(maxsize=64)
def conditional(playbook: Playbook) -> tuple[Conditional, ...]:
    """Return the parts of a playbook that have a condition."""
    return tuple(written_conditions(playbook))


def written_conditions(written: Playbook | PlaybookPart) -> Iterator[Conditional]:
    """Yield what of a playbook, or of a part for a product, has a condition of its own, with its place in the file."""
    stages = [(stage, written.stages[stage]) for stage in STAGES if stage in written.stages]
    for stage, plan in stages:
        for number, one in enumerate(plan.milestones):
            if one.when is not None:
                where = ("stages", stage.value, "milestones", number, "when")
                yield _conditional(Part.MILESTONE, one.name, one.title, one.when, where)
    for number, step in enumerate(written.steps):
        if step.when is not None:
            yield _conditional(Part.STEP, step.name, step.title, step.when, ("steps", number, "when"))
    for stage, plan in stages:
        for name, when in plan.exit_when.items() if isinstance(plan, StagePlan) else ():
            place = ("stages", stage.value, "exit_when", name)
            yield _conditional(Part.EXIT, name, f"exit criterion of {stage}", when, place)
    for kind, rule in written.stalls.items():
        if rule.when is not None:
            yield _conditional(Part.STALL, kind, kind, rule.when, ("stalls", kind, "when"))


def _conditional(part: Part, name: str, title: str, when: When, place: tuple[str | int, ...]) -> Conditional:
    return Conditional(part, name, title, said(when), key_of(when), when, place)
