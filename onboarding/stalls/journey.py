"""Stalls by overdue work: the handoff, the kickoff, a stage, a milestone, or an exit criterion that was undone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby

from onboarding.model.state import Criterion, Milestone
from onboarding.model.vocabulary import STAGES, FactKind, Side, Stage, VendorRole
from onboarding.model.written.proof import ProvenBy
from onboarding.sentences.sentence import joined, quoted, sentence
from onboarding.sentences.terms import item_name, role_name, side_name, utc_day
from onboarding.stalls.context import Cause, StallContext, Watch

_ASK_FOR: Mapping[ProvenBy | None, str] = {
    ProvenBy.GOALS_CONFIRMED: "stalls.confirm_goals",
    ProvenBy.GOALS_VALUED: "stalls.value_goals",
}
KINDS = frozenset({"handoff_incomplete", "kickoff_not_booked", "stage_overdue", "milestone_overdue", "criterion_lost"})


def handoff_incomplete(context: StallContext) -> tuple[Watch, ...]:
    """HO-1 to HO-7: items of the handoff are missing. Counts from the signature, which the seller knew of at once."""
    missing = [criterion.name for criterion in context.criteria if not criterion.met]
    if context.progress.stage is not Stage.HANDOFF or not missing:
        return ()
    return context.watch(
        "handoff_incomplete",
        Cause(
            anchor=context.case.signed_at,
            text=sentence("stalls.handoff_incomplete", items=tuple(map(item_name, missing)), count=len(missing)),
            waiting_on=Side.VENDOR,
            owner_role=VendorRole.ACCOUNT_EXECUTIVE.value,
        ),
    )


def kickoff_not_booked(context: StallContext) -> tuple[Watch, ...]:
    """TH-1: no kickoff booked within 48 elapsed hours of the signature, or of the first sight if that is later, with a
    warning before; both times are the playbook's."""
    state, rule = context.state, context.playbook.stalls.get("kickoff_not_booked")
    booked = state.kickoff_booked_at or state.kickoff_at or _met(state.milestones.get("kickoff_booked"))
    if rule is None or booked or context.progress.stage not in (Stage.HANDOFF, Stage.KICKOFF):
        return ()
    limit = context.after(rule.critical_after or rule.after, context.case.begins_at)
    return context.watch(
        "kickoff_not_booked",
        Cause(
            anchor=context.case.begins_at,
            text=_not_booked(context, limit),
            waiting_on=Side.VENDOR,
            owner_role=_role_of(state.milestones.get("kickoff_booked")),
        ),
    )


def stage_overdue(context: StallContext) -> tuple[Watch, ...]:
    """FM-4, TH-23: the stage is overdue. The side that owes the oldest open criterion has the move."""
    unmet = _oldest_first(context)
    due = context.stage_due_at
    if not unmet or due is None:
        return ()
    stage, work = context.progress.stage, _by_side(context, unmet)
    return context.watch(
        "stage_overdue",
        Cause(
            anchor=due,
            about=stage.value,
            text=sentence("stalls.stage_overdue", stage=stage, day=utc_day(due), work=work),
            waiting_on=unmet[0].side,
            owner_role=unmet[0].owner_role,
        ),
    )


def milestone_overdue(context: StallContext) -> tuple[Watch, ...]:
    """RO-9: the oldest open milestone of this stage or a later one is overdue, on whichever side. One that a message
    of first90 proves holds nobody up."""
    ahead = STAGES[STAGES.index(context.progress.stage) :]
    told = {plan.name for plan in context.playbook.milestones() if plan.sent}
    dated = [
        (milestone.due_at, milestone.name, milestone)
        for milestone in context.state.milestones.values()
        if milestone.due_at is not None
        and milestone.status == "open"
        and milestone.stage in ahead
        and milestone.name not in told
    ]
    if not dated:
        return ()
    due, _, oldest = min(dated, key=lambda entry: entry[:2])
    title, side, role = quoted(oldest.title), side_name(oldest.side), role_name(oldest.owner_role)
    return context.watch(
        "milestone_overdue",
        Cause(
            anchor=due,
            about=oldest.name,
            text=sentence("stalls.milestone_overdue", title=title, day=utc_day(due), side=side, role=role),
            waiting_on=oldest.side,
            owner_role=oldest.owner_role,
            next_step=_ask_for(context, oldest),
        ),
    )


def _ask_for(context: StallContext, milestone: Milestone) -> str:
    """Return what to do where the customer answers nothing about its goals: a plan page, if there is one, has not
    helped. Empty where the playbook says it."""
    proof = next((one.proof for one in context.playbook.milestones() if one.name == milestone.name), None)
    asks = _ASK_FOR.get(proof)
    return sentence(asks, champion=context.names["champion"]) if asks else ""


def criterion_lost(context: StallContext) -> tuple[Watch, ...]:
    """An exit criterion was undone after its stage was left: the stage stays left, the risk is shown."""
    if not context.lost:
        return ()
    since = max(_lost_at(context, criterion) for criterion in context.lost)
    names = tuple(_words(context, criterion) for criterion in context.lost)
    return context.watch(
        "criterion_lost",
        Cause(
            anchor=since,
            text=sentence("stalls.criterion_lost", day=utc_day(since), work=names),
            waiting_on=context.lost[0].side,
            owner_role=context.lost[0].owner_role,
        ),
    )


RULES = (handoff_incomplete, kickoff_not_booked, stage_overdue, milestone_overdue, criterion_lost)


def _met(milestone: Milestone | None) -> bool:
    return milestone is not None and milestone.met


def _role_of(milestone: Milestone | None) -> str:
    return milestone.owner_role if milestone is not None else VendorRole.CSM.value


def _not_booked(context: StallContext, limit: datetime) -> str:
    """Return until when the kickoff was to be booked; with both moments if the clock runs from the first sight."""
    case = context.case
    if case.begins_at == case.signed_at:
        return sentence("stalls.kickoff_not_booked", limit=limit)
    return sentence("stalls.kickoff_seen_late", limit=limit, signed=utc_day(case.signed_at), seen=case.begins_at)


def _oldest_first(context: StallContext) -> list[Criterion]:
    """Return unmet criteria by the due date of their milestone; conditions, which have none, come first in their
    order."""

    def due(criterion: Criterion) -> datetime:
        milestone = context.state.milestones.get(criterion.name)
        return (milestone.due_at if milestone else None) or context.case.signed_at

    return sorted((criterion for criterion in context.criteria if not criterion.met), key=due)


def _words(context: StallContext, criterion: Criterion) -> str:
    """Return the title of a criterion's milestone in quotes; a condition, which has none, by its name."""
    milestone = context.state.milestones.get(criterion.name)
    return quoted(milestone.title) if milestone else item_name(criterion.name)


def _by_side(context: StallContext, criteria: Iterable[Criterion]) -> str:
    ordered = sorted(criteria, key=lambda criterion: list(Side).index(criterion.side))
    by_side = groupby(ordered, key=lambda criterion: criterion.side)
    return joined(
        "; ",
        (
            sentence("stalls.waiting_for", work=tuple(_words(context, one) for one in group), side=side_name(side))
            for side, group in by_side
        ),
    )


def _lost_at(context: StallContext, criterion: Criterion) -> datetime:
    undone = [
        fact.at for fact in context.case.facts if fact.kind == FactKind.MILESTONE_UNDONE and fact.name == criterion.name
    ]
    entered = context.progress.stage_times.get(context.progress.stage, context.case.signed_at)
    return max(undone, default=entered)
