"""Steps and milestones that another version of a playbook has under another name, and a case under these names."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from onboarding.facts.meetings import CALL
from onboarding.model.case import Case, Fact
from onboarding.model.effect import EffectLine
from onboarding.model.playbook import MilestonePlan, Playbook, Step
from onboarding.model.vocabulary import Channel, FactKind
from onboarding.shared_plan.own_calls import OWN_CALL, occurrence_under

Named = TypeVar("Named", Step, MilestonePlan)

OF_MILESTONES = frozenset(
    {
        FactKind.MILESTONE,
        FactKind.MILESTONE_UNDONE,
        FactKind.MILESTONE_WAIVED,
        FactKind.MILESTONE_DUE,
        FactKind.MILESTONE_CLAIMED,
        FactKind.DATE_PROPOSED,
        FactKind.BLOCKED,
        FactKind.PERSON_NAMED,
    }
)
"""The facts whose name is a milestone, also those from the plan page."""
OF_CALLS = frozenset({FactKind.MEETING, FactKind.CALL_PROPOSED, FactKind.CALL_HELD, FactKind.CALL_MISSED})
"""The facts whose name is a call's, that is, a milestone or a step."""
OVERDUE = "milestone_overdue"
"""The kind of stall that is about a milestone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renames:
    """The old name to the new name of what both versions have."""

    steps: Mapping[str, str] = field(default_factory=dict)
    milestones: Mapping[str, str] = field(default_factory=dict)
    calls: Mapping[str, str] = field(default_factory=dict)
    """Those of ``steps`` under which the time of a call is recorded, and agreed calls taken back."""

    def __bool__(self) -> bool:
        return bool(self.steps or self.milestones)

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of the messages that are called otherwise."""
        return frozenset(self.steps) | ({OWN_CALL} if self.calls else frozenset())

    def of_facts(self, kind: FactKind) -> Mapping[str, str]:
        """Return the new names of what facts of a kind name; a meeting is that of a milestone or of a step."""
        if kind in OF_CALLS:
            return {**self.steps, **self.milestones}
        if kind in (FactKind.MILESTONE, FactKind.MILESTONE_UNDONE):
            return {**self.calls, **self.milestones}
        return self.milestones if kind in OF_MILESTONES else {}

    def of_cause(self, kind: str, about: str) -> str:
        """Return what a cause of an episode is about under the new names."""
        return self.milestones.get(about, about) if kind == OVERDUE else about

    def without(self, steps: Collection[str], milestones: Collection[str]) -> "Renames":
        """Return the renames to a name that is not among these."""
        return Renames(
            steps={old: new for old, new in self.steps.items() if new not in steps},
            milestones={old: new for old, new in self.milestones.items() if new not in milestones},
            calls={old: new for old, new in self.calls.items() if new not in steps},
        )

    def back(self) -> "Renames":
        """Return the renames from the new names to the old ones."""
        return Renames(
            steps={new: old for old, new in self.steps.items()},
            milestones={new: old for old, new in self.milestones.items()},
            calls={new: old for old, new in self.calls.items()},
        )


def renames(old: Playbook, new: Playbook) -> Renames:
    """Return what ``new`` has under another name.

    A step that is gone and one that is new are the same if nothing else differs, or else if they send the same message
    to the same readers and no third step does: whoever got it under the old name must not get it again. Milestones are
    the same if nothing but the name differs, or else if both have the same title.
    """
    milestones = _paired(old.milestones(), new.milestones(), (_milestone_alone, lambda plan: plan.title))
    same = (_step_alone, _message)
    # Once more with the new names of calls, by which steps that invite to them differ.
    calls = {**_paired(old.steps, new.steps, same), **milestones}
    steps = _paired([_with_call_under(step, calls) for step in old.steps], new.steps, same)
    recorded = {step.calendar.meeting for step in old.steps if step.calendar} - {one.name for one in old.milestones()}
    return Renames(
        steps=steps,
        calls={before: name for before, name in steps.items() if before in recorded},
        milestones=milestones,
    )


class NameReused(Exception):
    """A step's name means another message in the new version than it did before. Whoever got the old message would get
    it again, or the new one would never leave under a key that was used."""


def refuse_reused(old: Playbook, new: Playbook) -> None:
    """Raise NameReused, with the names and the remedy, where the new version gives a step's name to another message."""
    before, after = _unique(old.steps, _message), _unique(new.steps, _message)
    kept = {step.name: _message(step) for step in new.steps}
    for message, name in before.items():
        if kept.get(name, message) != message and message in after:
            raise NameReused(
                f"the step {name} is another message in the new version, and its own is called {after[message]} there; "
                f"keep the name {name} for its message and give the new one a name of its own"
            )


def refuse_taken(case: Case, old: Playbook, new: Playbook, names: Renames) -> None:
    """Raise NameReused, with the names and the remedy, where a step that ``old`` does not have bears a name under which
    an earlier version planned another message for the case: a message keeps its key under every later name of its step,
    so the new one would find its key taken and never leave."""
    fresh = {step.name for step in new.steps} - {step.name for step in old.steps}
    for effect in renamed(case, names).effects:
        if effect.planned_as in fresh and effect.kind != effect.planned_as and effect.channel is not Channel.CRM:
            raise NameReused(
                f"the step {effect.planned_as} of the new version has a name under which an earlier version planned "
                f"the message of the step called {effect.kind} now; give the new step a name that no version had"
            )


def renamed(case: Case, names: Renames) -> Case:
    """Return the case as if its touchpoints, messages, facts and episodes had always had the new names."""
    if not names:
        return case
    steps = names.steps
    return replace(
        case,
        touchpoints=tuple(replace(one, step=steps.get(one.step, one.step)) for one in case.touchpoints),
        effects=tuple(one if one.channel is Channel.CRM else _message_under(one, names) for one in case.effects),
        facts=tuple(_fact_under(one, names) for one in case.facts),
        episodes=tuple(
            replace(
                one,
                causes=tuple(replace(cause, about=names.of_cause(cause.kind, cause.about)) for cause in one.causes),
            )
            for one in case.episodes
        ),
    )


def value_under(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the value of a fact that loses this name. An agreed call keeps the one that it had first, by which
    calendars know it."""
    return {**({CALL: name} if "meeting_at" in value else {}), **value}


def _fact_under(fact: Fact, names: Renames) -> Fact:
    now = names.of_facts(fact.kind).get(fact.name)
    return replace(fact, name=now, value=value_under(fact.value, fact.name)) if now else fact


def _message_under(line: EffectLine, names: Renames) -> EffectLine:
    if line.kind == OWN_CALL:
        return replace(line, occurrence=occurrence_under(line.occurrence, names.calls))
    return replace(line, kind=names.steps.get(line.kind, line.kind))


def _paired(
    old: Sequence[Named], new: Sequence[Named], alike: Iterable[Callable[[Named], Hashable]]
) -> Mapping[str, str]:
    gone = {one.name: one for one in old if one.name not in {other.name for other in new}}
    fresh = {one.name: one for one in new if one.name not in {other.name for other in old}}
    found: dict[str, str] = {}
    for same in alike:
        before, after = _unique(gone.values(), same), _unique(fresh.values(), same)
        for content in before.keys() & after.keys():
            found[before[content]] = after[content]
            del gone[before[content]], fresh[after[content]]
    return dict(sorted(found.items()))


def _unique(plans: Iterable[Named], content: Callable[[Named], Hashable]) -> dict[Hashable, str]:
    """Return the names by content, without contents that several have and those that say nothing (None)."""
    found: dict[Hashable, list[str]] = {}
    for plan in plans:
        found.setdefault(content(plan), []).append(plan.name)
    return {one: names[0] for one, names in found.items() if len(names) == 1 and one is not None}


def _with_call_under(step: Step, names: Mapping[str, str]) -> Step:
    call = step.calendar
    return replace(step, calendar=replace(call, meeting=names.get(call.meeting, call.meeting))) if call else step


def _step_alone(step: Step) -> Hashable:
    return repr(replace(step, name="renamed", title=""))


def _milestone_alone(plan: MilestonePlan) -> Hashable:
    return repr(replace(plan, name="renamed", title=""))


def _message(step: Step) -> Hashable:
    """Return what its readers get; steps that invite to different calls send different messages."""
    meeting = step.calendar.meeting if step.calendar else None
    if step.mail is not None:
        return ("mail", step.mail.template, step.mail.to, meeting)
    return ("slack", step.slack.says, step.slack.to) if step.slack else None
