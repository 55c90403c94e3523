"""The playbook as it is for one customer: without the parts whose condition does not hold."""

from collections.abc import Iterator, Mapping
from dataclasses import field, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from onboarding.conditions.conditional import Conditional, Part, conditional, conditions_of
from onboarding.conditions.traits import Customer, key_of, missing
from onboarding.model.case import Case
from onboarding.model.conditions.result import ConditionResult
from onboarding.model.conditions.written import When
from onboarding.model.playbook import MilestonePlan, Playbook, StagePlan
from onboarding.model.vocabulary import FactKind, Stage
from onboarding.values import dataclass

_REPORTS = frozenset({FactKind.MILESTONE, FactKind.MILESTONE_UNDONE, FactKind.MILESTONE_WAIVED})
NOT_FOR = "not for this account: "
"""Prefix of the reason for which something of the playbook is left out."""


class Verdict(NamedTuple):
    """The result of a condition for a customer."""

    holds: bool | None
    """False where it held before, None where it never did."""
    because: str
    since: datetime | None = None
    """When it began to hold, or ceased to, under way; None where that never changed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedPlaybook(Playbook):
    """A playbook for one customer: without what never applied to them. A milestone that they had before, by its
    condition or a record of it, stays, as one that is not owed, with the reason; so does a step with a call that was
    agreed, so that its invitation is withdrawn. Names in it may lead to milestones that are left out."""

    whole: Playbook
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By the key of the condition."""

    def __post_init__(self) -> None:
        """Check nothing: the whole playbook was checked."""

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same one; each is made once."""
        return self is other

    def __hash__(self) -> int:
        """Return a hash that tells customers of one tier apart, for caches of values derived from a playbook."""
        return object.__hash__(self)


def fitted(case: Case, playbook: Playbook, now: datetime) -> Playbook:
    """Return the playbook as it is for this case at ``now`` (UTC): the same one where it has no conditions. Pure.

    Made once for each combination of results, so that customers of one kind share it.
    """
    whole = playbook.whole if isinstance(playbook, FittedPlaybook) else playbook
    conditions = conditions_of(whole)
    if not conditions:
        return whole
    customer, before = Customer(case, whole.tier, now), case.progress.conditions
    verdicts = []
    for key, when in conditions:
        because, was = missing(when, customer), before.get(key)
        holds = None if because and (was is None or was.holds is None) else not because
        same = was is None or bool(was.holds) is bool(holds)
        verdicts.append(Verdict(holds, because, (was.since if was else None) if same else now))
    return _fit(whole, tuple(verdicts), frozenset(_recorded(case, whole)))


def left_out(playbook: Playbook) -> Mapping[tuple[Part, str], str]:
    """Return why parts of the playbook do not count for its customer, by part and name; empty where all count."""
    if not isinstance(playbook, FittedPlaybook):
        return {}
    return _left_out(playbook)


def calls_left_out(playbook: Playbook) -> Mapping[str, str]:
    """Return the calls (``Call.meeting``) to which no step invites this customer any more, with the reason."""
    if not (gone := left_out(playbook)) or not isinstance(playbook, FittedPlaybook):
        return {}
    steps = [(one, gone.get((Part.STEP, one.name))) for one in playbook.whole.steps]
    calls = [(step.calendar.meeting, why_not) for step, why_not in steps if step.calendar]
    invited = {name for name, why_not in calls if why_not is None}
    return {name: why_not for name, why_not in calls if why_not and name not in invited}


def appeared_at(playbook: Playbook, plan: MilestonePlan) -> datetime | None:
    """Return when a milestone began to be for its customer, under way; None if it is so from the start, or is not."""
    verdict = _verdict(playbook, plan.when)
    return verdict.since if verdict and verdict.holds else None


def exit_turns(playbook: Playbook, stage: Stage, *, holds: bool) -> Mapping[str, datetime]:
    """Return the exit criteria of a stage that began to count for its customer under way, each with when; those that
    ceased to, unless it ``holds``."""
    if not isinstance(playbook, FittedPlaybook) or not any(one.since for one in playbook.verdicts.values()):
        return {}
    whole, found = playbook.whole, dict[str, datetime]()
    own = {plan.name: plan.when for plan in whole.milestones()}
    for name in whole.stages[stage].exit:
        for verdict in (_verdict(playbook, when) for when in (own.get(name), whole.stages[stage].exit_when.get(name))):
            if verdict and verdict.since and verdict.holds is holds:
                found[name] = max(verdict.since, found.get(name, verdict.since))
    return found


def _verdict(playbook: Playbook, when: When | None) -> Verdict | None:
    return playbook.verdicts[key_of(when)] if when and isinstance(playbook, FittedPlaybook) else None


def results(playbook: Playbook) -> Mapping[str, ConditionResult]:
    """Return the result of each condition of a fitted playbook by its key, to be saved; empty where it has none."""
    if not isinstance(playbook, FittedPlaybook):
        return {}
    return {key: ConditionResult(verdict.holds, verdict.since) for key, verdict in playbook.verdicts.items()}


def changes(playbook: Playbook, before: Mapping[str, ConditionResult]) -> Iterator[tuple[Conditional, Verdict]]:
    """Yield what appears or goes because the result of its condition is another than that saved. A condition that was
    not known before, as in a new version of the playbook, changes nothing."""
    if isinstance(playbook, FittedPlaybook) and before:
        for one in conditional(playbook.whole):
            verdict = playbook.verdicts[one.key]
            if one.key in before and bool(before[one.key].holds) is not bool(verdict.holds):
                yield one, verdict


def _recorded(case: Case, whole: Playbook) -> Iterator[tuple[Part, str]]:
    """Yield the conditional milestones and calls that the case has had already, also under a version without the
    condition: milestones that were reported or written to the CRM, and calls that were agreed or invited to."""
    reported = {fact.name for fact in case.facts if fact.kind in _REPORTS}
    written = case.progress.crm_digests
    for one in conditional(whole):
        if one.part is Part.MILESTONE and (one.name in reported or f"{case.key}:{one.name}" in written):
            yield one.part, one.name
    sent = {line.kind for line in case.effects}
    agreed = {fact.name for fact in case.facts if fact.kind is FactKind.MEETING}
    for step in whole.steps:
        if step.when and step.calendar and (step.name in sent or step.calendar.meeting in agreed):
            yield Part.STEP, step.name


@lru_cache(maxsize=256)
def _fit(whole: Playbook, verdicts: tuple[Verdict, ...], recorded: frozenset[tuple[Part, str]]) -> FittedPlaybook:
    known = dict(zip((key for key, _ in conditions_of(whole)), verdicts, strict=True))

    def counts(when: When | None) -> bool:
        return when is None or bool(known[key_of(when)].holds)

    never = {
        one.name: one
        for one in whole.milestones()
        if one.when and (Part.MILESTONE, one.name) not in recorded and known[key_of(one.when)].holds is None
    }
    stages = {}
    for stage, plan in whole.stages.items():
        exits = tuple(one for one in plan.exit if one not in never and counts(plan.exit_when.get(one)))
        kept = tuple(_without(one, never) for one in plan.milestones if one.name not in never)
        stages[stage] = plan if (exits, kept) == (plan.exit, plan.milestones) else _stage(plan, exits, kept)
    same = {one.name: getattr(whole, one.name) for one in fields(Playbook)}
    return FittedPlaybook(
        **same
        | {
            "stages": stages,
            "steps": tuple(one for one in whole.steps if counts(one.when) or (Part.STEP, one.name) in recorded),
            "stalls": {kind: rule for kind, rule in whole.stalls.items() if counts(rule.when)},
        },
        whole=whole,
        verdicts=known,
    )


def _stage(plan: StagePlan, exits: tuple[str, ...], kept: tuple[MilestonePlan, ...]) -> StagePlan:
    return replace(plan, exit=exits, exit_when={}, milestones=kept)


def _without(plan: MilestonePlan, never: Mapping[str, MilestonePlan]) -> MilestonePlan:
    """Return the milestone waiting, in place of one that is left out, for what that one waits for."""
    after = list(plan.after)
    while gone := next((name for name in after if name in never), None):
        place = after.index(gone)
        after[place : place + 1] = [name for name in never[gone].after if name not in after]
    return plan if tuple(after) == plan.after else replace(plan, after=tuple(after))


@lru_cache(maxsize=256)
def _left_out(playbook: FittedPlaybook) -> Mapping[tuple[Part, str], str]:
    found = {}
    for one in conditional(playbook.whole):
        verdict = playbook.verdicts[one.key]
        if not verdict.holds:
            found[one.part, one.name] = NOT_FOR + verdict.because
    return found
