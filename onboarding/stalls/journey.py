"""Work that should have been done by now: the handoff, the kickoff, a stage, a milestone, a criterion
un-ticked."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from onboarding.model.phrases import (
    day_words,
    list_words,
    moment_words,
    name_words,
    role_words,
    side_words,
    stage_words,
)
from onboarding.model.state import Criterion, Milestone
from onboarding.model.vocabulary import STAGES, Side, Stage
from onboarding.stalls.context import Cause, StallContext, Watch

KINDS = frozenset({"handoff_incomplete", "kickoff_not_booked", "stage_overdue", "milestone_overdue", "criterion_lost"})


def handoff_incomplete(ground: StallContext) -> tuple[Watch, ...]:
    """The seller, who knew of the signature whenever we did, owes the five items, the map, the tier or the owner
    (HO-1 to HO-7)."""
    missing = [criterion.name for criterion in ground.criteria if not criterion.met]
    if ground.progress.stage is not Stage.HANDOFF or not missing:
        return ()
    verb = "is" if len(missing) == 1 else "are"
    return ground.watch(
        "handoff_incomplete",
        Cause(
            anchor=ground.case.signed_at,
            text=f"The handoff is incomplete: {list_words(map(name_words, missing))} {verb} missing.",
            waiting_on=Side.VENDOR,
        ),
    )


def kickoff_not_booked(ground: StallContext) -> tuple[Watch, ...]:
    """TH-1: booked within 48 elapsed hours of signature, or of our first sight where that is later, with a warning
    before; the playbook has both times."""
    standing, rule = ground.standing, ground.playbook.stalls.get("kickoff_not_booked")
    booked = standing.kickoff_booked_at or standing.kickoff_at or _met(standing.milestones.get("kickoff_booked"))
    if rule is None or booked or ground.progress.stage not in (Stage.HANDOFF, Stage.KICKOFF):
        return ()
    limit = ground.after(rule.critical_after or rule.after, ground.case.begins_at)
    return ground.watch(
        "kickoff_not_booked",
        Cause(
            anchor=ground.case.begins_at,
            text=f"No kickoff is booked; it was to be booked by {moment_words(limit)}.{_late_sight(ground)}",
            waiting_on=Side.VENDOR,
        ),
    )


def stage_overdue(ground: StallContext) -> tuple[Watch, ...]:
    """FM-4, TH-23: a stage past its time. Whose move: the side that owes the oldest of what is open."""
    unmet = _oldest_first(ground)
    due = ground.stage_due_at
    if not unmet or due is None:
        return ()
    stage = stage_words(ground.progress.stage)
    return ground.watch(
        "stage_overdue",
        Cause(
            anchor=due,
            text=f"{stage} should have ended on {day_words(due)}. Still open: {_by_side(unmet)}.",
            waiting_on=unmet[0].side,
        ),
    )


def milestone_overdue(ground: StallContext) -> tuple[Watch, ...]:
    """The oldest open milestone of this stage or a later one; both sides are held to their dates (RO-9)."""
    ahead = STAGES[STAGES.index(ground.progress.stage) :]
    dated = [
        (milestone.due_at, milestone.name, milestone)
        for milestone in ground.standing.milestones.values()
        if milestone.due_at is not None and milestone.status == "open" and milestone.stage in ahead
    ]
    if not dated:
        return ()
    due, _, oldest = min(dated, key=lambda entry: entry[:2])
    whose = f"{side_words(oldest.side)}: {role_words(oldest.owner_role)}"
    return ground.watch(
        "milestone_overdue",
        Cause(
            anchor=due,
            text=f"“{oldest.title}” was due on {day_words(due)}; {whose}.",
            waiting_on=oldest.side,
        ),
    )


def criterion_lost(ground: StallContext) -> tuple[Watch, ...]:
    """An exit criterion that was un-ticked after its stage had been left: the stage stays left, the risk is
    shown."""
    if not ground.lost:
        return ()
    since = max(_lost_at(ground, criterion) for criterion in ground.lost)
    names = list_words(name_words(criterion.name) for criterion in ground.lost)
    return ground.watch(
        "criterion_lost",
        Cause(
            anchor=since,
            text=f"No longer true since {day_words(since)}, though its stage was left: {names}.",
            waiting_on=ground.lost[0].side,
        ),
    )


RULES = (handoff_incomplete, kickoff_not_booked, stage_overdue, milestone_overdue, criterion_lost)


def _met(milestone: Milestone | None) -> bool:
    return milestone is not None and milestone.met


def _late_sight(ground: StallContext) -> str:
    """Both moments where the clock runs from the later one; nothing where they are the same."""
    case = ground.case
    if case.begins_at == case.signed_at:
        return ""
    return f" Signed on {day_words(case.signed_at)}, first seen on {moment_words(case.begins_at)}: it counts from then."


def _oldest_first(ground: StallContext) -> list[Criterion]:
    """Unmet criteria by the due date of their milestone; conditions, which have none, come first in their
    order."""

    def due(criterion: Criterion) -> datetime:
        milestone = ground.standing.milestones.get(criterion.name)
        return (milestone.due_at if milestone else None) or ground.case.signed_at

    return sorted((criterion for criterion in ground.criteria if not criterion.met), key=due)


def _by_side(criteria: Iterable[Criterion]) -> str:
    ordered = sorted(criteria, key=lambda criterion: list(Side).index(criterion.side))
    return "; ".join(
        f"{list_words(name_words(criterion.name) for criterion in group)} (waiting for {side_words(side)})"
        for side, group in groupby(ordered, key=lambda criterion: criterion.side)
    )


def _lost_at(ground: StallContext, criterion: Criterion) -> datetime:
    undone = [fact.at for fact in ground.case.facts if fact.kind == "milestone_undone" and fact.name == criterion.name]
    entered = ground.progress.stage_times.get(ground.progress.stage, ground.case.signed_at)
    return max(undone, default=entered)
