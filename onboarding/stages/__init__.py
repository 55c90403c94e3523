"""The stage machine: handoff, kickoff, setup, training, first value, done.

A stage is left when all its exit criteria hold, or when a named person skips it with a reason (ST-6); it is never
entered again. Work of a later stage may be done early. Times follow the facts: a stage ends when the last of its
criteria was met, so late, repeated or reordered reports lead to the same stage and the same times.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from onboarding.conditions.fitting import exit_turns
from onboarding.dates.anchors import dates, deadlines, moment
from onboarding.dates.leaving import left as left_the_vendor
from onboarding.model.case import Case, Fact, Hold
from onboarding.model.playbook import Playbook
from onboarding.model.reports import known
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import FactKind, Stage, Status, VendorRole
from onboarding.stages import first_value, handoff, kickoff, setup, training
from onboarding.stages.criteria import Condition
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRules:
    """What the code defines of one stage; the rest is in the playbook (ST-7)."""

    stage: Stage
    objective: str
    owner: VendorRole
    """The role that leads it, unless the playbook names another."""
    conditions: Mapping[str, Condition]
    """Exit criteria that are not milestones."""
    criteria: Callable[[Case, OnboardingState, Playbook], tuple[Criterion, ...]]


TABLE: Mapping[Stage, StageRules] = {
    module.STAGE: StageRules(
        stage=module.STAGE,
        objective=module.OBJECTIVE,
        owner=module.OWNER,
        conditions=module.CONDITIONS,
        criteria=module.criteria,
    )
    for module in (handoff, kickoff, setup, training, first_value)
}
"""The five stages in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A stage that was left: when, why, and by whom if it was skipped."""

    stage: Stage
    at: datetime
    because: str
    skipped_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The result of the stage machine."""

    stage: Stage
    stage_times: Mapping[Stage, datetime]
    """When each stage was entered, by the time of the facts, in UTC."""
    criteria: tuple[Criterion, ...]
    """Exit criteria of the current stage; none once all are done."""
    left: tuple[Leaving, ...] = ()
    """The stages left since the last save."""
    lost: tuple[Criterion, ...] = ()
    """Exit criteria of earlier stages that no longer hold."""


def advance(case: Case, state: OnboardingState, playbook: Playbook, now: datetime) -> Advance:
    """Return the furthest stage that the facts allow, never behind the saved one, with the stages left on the way.

    Safe to repeat: once the result is saved, the same facts give the same stage and times and no further leaving.
    """
    skips = {fact.name: fact for fact in reversed(known(case.facts, now)) if _is_skip(fact)}
    saved = case.progress
    times = {Stage.HANDOFF: case.signed_at}
    left: list[Leaving] = []
    lost: list[Criterion] = []
    order = list(Stage)
    for stage, after in pairwise(order):
        entered = times[stage]
        criteria = TABLE[stage].criteria(case, state, playbook)
        skip = skips.get(stage.value)
        # What ceased to count for this customer held the stage up until then, unless it was done before.
        gone = exit_turns(playbook, stage, holds=False)
        ceased = [at for name, at in gone.items() if not _is_done(state, name)]
        exits = [
            at for at in (_settled_at(criteria, max([entered, *ceased])), max(skip.at, entered) if skip else None) if at
        ]
        already_left = order.index(stage) < order.index(saved.stage)
        if not exits and not already_left:
            return Advance(stage=stage, stage_times=times, criteria=criteria, left=tuple(left), lost=tuple(lost))
        if already_left:
            exits.append(max(entered, saved.stage_times.get(after, entered if not exits else exits[0])))
        times[after] = min(exits)
        if already_left and skip is None:
            # What began to count after the stage was left was never met there, so it is not lost.
            began = exit_turns(playbook, stage, holds=True)
            lost += [one for one in criteria if not one.met and began.get(one.name, times[after]) <= times[after]]
        if not already_left:
            left.append(_leaving(stage, times[after], criteria, skip))
    return Advance(stage=Stage.DONE, stage_times=times, criteria=(), left=tuple(left), lost=tuple(lost))


def status_of(case: Case, moved: Advance, now: datetime) -> tuple[Status, str]:
    """Return the status of the onboarding as a whole, and the reason in words.

    A closing by a person is final. A customer that has churned is churned even after completion, and stays so for
    this onboarding where another one follows; the end of the last stage completes; a hold, or a first deal that
    is no longer won, stops the clock.
    """
    saved = case.progress
    if saved.status in (Status.CANCELLED, Status.CHURNED) and saved.closed_reason:
        return saved.status, saved.closed_reason
    if left_the_vendor(case.account, case.signed_at, now):
        return Status.CHURNED, f"the CRM says that the customer left on {case.account.churned_on}"
    if saved.status is Status.CHURNED and case.followed:
        return Status.CHURNED, "the customer left, and came back with another onboarding"
    if saved.status is Status.COMPLETED or moved.stage is Stage.DONE:
        return Status.COMPLETED, "all five stages are done"
    hold = next((hold for hold in case.holds if is_stopping(hold, now)), None)
    if hold is not None:
        until = f" until {hold.until.date().isoformat()}" if hold.until else ""
        return Status.ON_HOLD, f"on hold{until} by {hold.by}: {hold.reason}"
    if not case.deals[0].won:
        return Status.ON_HOLD, "the CRM no longer shows its deal as won: reopened, or deleted"
    return Status.ACTIVE, "under way"


def is_stopping(hold: Hold, now: datetime) -> bool:
    """Return whether this hold stops the clock now: neither ended by a person nor past its planned end."""
    return hold.ended_at is None and (hold.until is None or now < hold.until)


def due_at(case: Case, state: OnboardingState, playbook: Playbook, moved: Advance, now: datetime) -> datetime | None:
    """Return when the stage of ``moved`` should be left (UTC), moved by holds; None at the end, or if its anchor is not
    known.
    """
    if moved.stage is Stage.DONE:
        return None
    allowed = playbook.stages[moved.stage].allowed
    known_dates = deadlines(case, dates(case, state), moved.stage, moved.stage_times)
    return moment(allowed, known_dates.get(allowed.anchor), case, now)


def _settled_at(criteria: Iterable[Criterion], entered: datetime) -> datetime | None:
    """Return when the last criterion was met, at the earliest on entry; None while one is unmet."""
    times = [entered]
    for criterion in criteria:
        if not criterion.met:
            return None
        if criterion.at is not None:
            times.append(criterion.at)
    return max(times)


def _is_done(state: OnboardingState, name: str) -> bool:
    milestone = state.milestones.get(name)
    return milestone is not None and milestone.done_at is not None


def _is_skip(fact: Fact) -> bool:
    return (
        fact.kind == FactKind.SKIP_STAGE and bool(fact.by.strip()) and bool(str(fact.value.get("reason") or "").strip())
    )


def _leaving(stage: Stage, at: datetime, criteria: tuple[Criterion, ...], skip: Fact | None) -> Leaving:
    unmet = [criterion.text for criterion in criteria if not criterion.met]
    if skip is None or (not unmet and at < skip.at):
        return Leaving(stage=stage, at=at, because=f"all exit criteria of {stage} hold")
    because = f"skipped by {skip.by}: {str(skip.value['reason']).strip()}"
    if unmet:
        because += f" (still open: {'; '.join(unmet)})"
    return Leaving(stage=stage, at=at, because=because, skipped_by=skip.by)
