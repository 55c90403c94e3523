"""What differs between two versions of a playbook, piece by piece and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import time
from enum import Enum, StrEnum
from typing import Any

from onboarding.conditions.traits import said
from onboarding.model.conditions.written import When
from onboarding.model.phrases import name_words
from onboarding.model.playbook import MilestonePlan, Playbook, Step
from onboarding.model.vocabulary import STAGES
from onboarding.playbook_changes.renames import Renames, renames
from onboarding.playbook_changes.wording import due_words, value_words


class Part(StrEnum):
    """The part of a playbook that a difference is about."""

    STEP = "step"
    MILESTONE = "milestone"
    EXIT = "exit"
    STAGE = "stage"
    STALL = "stall"
    TIERS = "tiers"
    """The rules of ``tiers.yaml``, for all tiers."""
    PLAYBOOK = "playbook"
    """What belongs to none of these: the target, the pace, the ladder ..."""


class Kind(StrEnum):
    """What became of it."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.RENAMED: "~", Kind.CHANGED: "~"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference. ``old`` and ``new`` are values as YAML writes them; None where there is none."""

    part: Part
    name: str
    kind: Kind
    field: str = ""
    old: Any = None
    new: Any = None
    words: str

    def __str__(self) -> str:
        return f"{SIGNS[self.kind]} {self.words}"


def differences(old: Playbook, new: Playbook) -> tuple[Difference, ...]:
    """Return all differences, in the order of the playbook; empty for the same content."""
    if old == new:
        return ()
    names = renames(old, new)
    return (*_whole(old, new), *_stages(old, new, names), *_steps(old, new, names), *_stalls(old, new))


def _whole(old: Playbook, new: Playbook) -> Iterator[Difference]:
    apart = {"stages", "steps", "stalls"}
    before, after = _tree(old), _tree(new)
    for name in before:
        if name not in apart:
            yield from _fields(Part.PLAYBOOK, "", {name: before[name]}, {name: after[name]})


def _stages(old: Playbook, new: Playbook, names: Renames) -> Iterator[Difference]:
    was = {name: before for before, name in names.milestones.items()}
    homes = {plan.name: (stage, plan) for stage in STAGES for plan in old.stages[stage].milestones}
    kept = {was.get(plan.name, plan.name) for plan in new.milestones()}
    for stage in STAGES:
        before, after = old.stages[stage], new.stages[stage]
        apart = {"exit", "exit_when", "milestones"}
        own = [{name: value for name, value in _tree(one).items() if name not in apart} for one in (before, after)]
        yield from _fields(Part.STAGE, stage.value, *own)
        asked = {names.milestones.get(name, name): when for name, when in before.exit_when.items()}
        exits = [names.milestones.get(name, name) for name in before.exit]
        for name in after.exit:
            if name in exits:
                yield from _when(Part.EXIT, name, asked.get(name), after.exit_when.get(name))
            else:
                words = f"{_stage(stage)} cannot be left without {name} from now on{_only(after.exit_when.get(name))}"
                yield Difference(part=Part.EXIT, name=name, kind=Kind.ADDED, field=stage.value, words=words)
        for name in exits:
            if name not in after.exit:
                words = f"{_stage(stage)} can be left without {name}"
                yield Difference(part=Part.EXIT, name=name, kind=Kind.REMOVED, field=stage.value, words=words)
        for plan in before.milestones:
            if plan.name not in kept:
                words = f"milestone {plan.name} of {_stage(stage)}: {_milestone(plan)}"
                yield Difference(part=Part.MILESTONE, name=plan.name, kind=Kind.REMOVED, words=words)
        for plan in after.milestones:
            known = homes.get(was.get(plan.name, plan.name))
            if known is None:
                words = f"milestone {plan.name} in {_stage(stage)}: {_milestone(plan)}"
                yield Difference(part=Part.MILESTONE, name=plan.name, kind=Kind.ADDED, words=words)
                continue
            yield from _renamed(Part.MILESTONE, known[1].name, plan.name)
            trees = [_tree(known[1]) | {"stage": known[0].value}, _tree(plan) | {"stage": stage.value}]
            yield from _fields(Part.MILESTONE, plan.name, *trees)
            yield from _when(Part.MILESTONE, plan.name, known[1].when, plan.when)


def _steps(old: Playbook, new: Playbook, names: Renames) -> Iterator[Difference]:
    was = {name: before for before, name in names.steps.items()}
    known = {step.name: step for step in old.steps}
    kept = {was.get(step.name, step.name) for step in new.steps}
    for step in old.steps:
        if step.name not in kept:
            words = f"step {step.name}: {_step(step)}"
            yield Difference(part=Part.STEP, name=step.name, kind=Kind.REMOVED, words=words)
    for step in new.steps:
        before = known.get(was.get(step.name, step.name))
        if before is None:
            words = f"step {step.name}: {_step(step)}"
            yield Difference(part=Part.STEP, name=step.name, kind=Kind.ADDED, words=words)
            continue
        yield from _renamed(Part.STEP, before.name, step.name)
        yield from _fields(Part.STEP, step.name, _tree(before), _tree(step))
        yield from _when(Part.STEP, step.name, before.when, step.when)


def _stalls(old: Playbook, new: Playbook) -> Iterator[Difference]:
    for name in sorted({*old.stalls, *new.stalls}):
        if name not in new.stalls:
            words = f"stall {name}: it is not looked for any more"
            yield Difference(part=Part.STALL, name=name, kind=Kind.REMOVED, words=words)
        elif name not in old.stalls:
            rule = new.stalls[name]
            words = f"stall {name}: {rule.severity}, {rule.next_step}{_only(rule.when)}"
            yield Difference(part=Part.STALL, name=name, kind=Kind.ADDED, words=words)
        else:
            yield from _fields(Part.STALL, name, _tree(old.stalls[name]), _tree(new.stalls[name]))
            yield from _when(Part.STALL, name, old.stalls[name].when, new.stalls[name].when)


def _renamed(part: Part, before: str, now: str) -> Iterator[Difference]:
    if before != now:
        words = f"{part} {before} is called {now} now"
        yield Difference(part=part, name=now, kind=Kind.RENAMED, field="name", old=before, new=now, words=words)


def _when(part: Part, name: str, old: When | None, new: When | None) -> Iterator[Difference]:
    """Yield that something is for other customers than before."""
    if old == new:
        return
    before, after = (f"only where {said(one)}" if one else "for every customer" for one in (old, new))
    what = f"{part} criterion {name}" if part is Part.EXIT else f"{part} {name}"
    values = {"old": _tree(old), "new": _tree(new)}
    yield Difference(
        part=part, name=name, kind=Kind.CHANGED, field="when", words=f"{what}: {after} (before: {before})", **values
    )


def _fields(part: Part, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield the fields that differ but the name, of which a change is a rename, and the condition."""
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before == after or key in ("name", "when"):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping) and "from" not in before:
            nested = ({f"{key}.{inner}": value for inner, value in one.items()} for one in (before, after))
            yield from _fields(part, name, *nested)
            continue
        what = f"{part} {name}".strip() if part is not Part.PLAYBOOK else "playbook"
        if isinstance(before, Mapping) and isinstance(after, Mapping) and _only_the_source(before, after):
            words = f"{what}: {key} has another source, {after['source']} (before: {before['source']})"
        else:
            words = f"{what}: {key} {value_words(after)} (before: {value_words(before)})"
        yield Difference(part=part, name=name, kind=Kind.CHANGED, field=key, old=before, new=after, words=words)


def _only_the_source(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether two due dates differ in nothing but the source of their figures."""
    return {**before, "source": ""} == {**after, "source": ""}


def _tree(value: Any) -> Any:
    """Return a value as YAML would write it, with every default written out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.metadata.get("alias", one.name): _tree(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(_tree(key)): _tree(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_tree(one) for one in value]
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.value if isinstance(value, Enum) else value


def _stage(stage: Enum) -> str:
    return name_words(str(stage.value))


def _milestone(plan: MilestonePlan) -> str:
    return f"“{plan.title}”, {due_words(_tree(plan.due))}, {name_words(plan.owner.value)}{_only(plan.when)}"


def _step(step: Step) -> str:
    ways = [f"mail {step.mail.template}"] if step.mail else []
    ways += ["Slack"] if step.slack else []
    return f"“{step.title}”, {due_words(_tree(step.due))}, {' and '.join(ways)}{_only(step.when)}"


def _only(when: When | None) -> str:
    return f", only where {said(when)}" if when else ""
