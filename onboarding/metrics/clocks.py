"""The working hours of each open stage, by the side whose move it was (RO-9)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from onboarding.dates.working_time import open_hours_between
from onboarding.model.case import Case, Hold
from onboarding.model.phrases import list_words, side_words, stage_words
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import STAGES, Side, Stage
from onboarding.stages import TABLE

Stretch = tuple[datetime, datetime, Side]
Clock = Mapping[Stage, Mapping[Side, float]]
WORKING_DAY = 8.0
"""Hours."""


def stretches(
    case: Case, state: OnboardingState, playbook: Playbook, times: Mapping[Stage, datetime], end: datetime
) -> dict[Stage, list[Stretch]]:
    """Return for each stage that was entered before ``end`` which side had the move from when to when.

    The move belongs to the side of the open exit criterion that is due first; if none is open (the stage
    waits for a skip, or for its own rules) to the vendor. ``times`` are the moments at which the stages were entered.
    """
    found: dict[Stage, list[Stretch]] = {}
    for stage, after in pairwise([*STAGES, Stage.DONE]):
        entered, left = times.get(stage), min(times.get(after, end), end)
        if entered is None or entered >= left:
            continue
        criteria = sorted(TABLE[stage].criteria(case, state, playbook), key=lambda one: _due(one, state))
        found[stage] = list(_moves(criteria, entered, left))
    return found


def working_hours(case: Case, playbook: Playbook, found: Mapping[Stage, Sequence[Stretch]], now: datetime) -> Clock:
    """Return the working hours of these stretches by stage and side, in the account's zone and country, without time on
    hold."""
    zone, calendar = case.account.zone or "UTC", case.calendar(case.account.country)
    clock: dict[Stage, dict[Side, float]] = {}
    for stage, parts in found.items():
        hours: defaultdict[Side, float] = defaultdict(float)
        for start, end, side in parts:
            for begins, ends in _running(start, end, case.holds, now):
                hours[side] += open_hours_between(begins, ends, zone, calendar, playbook.pace.hours)
        clock[stage] = dict(hours)
    return clock


def clock_of(case: Case, review: Review, playbook: Playbook, now: datetime) -> Clock:
    """Return the working hours of each stage by the side whose move it was, up to ``now`` (UTC), since the signature or
    since it was taken over: whose move it was before that, nobody saw. Stages without working time are missing."""
    since = case.progress.opened_at if review.progress.adopted_at is not None else case.signed_at
    times = {stage: max(at, since) for stage, at in review.progress.stage_times.items()}
    end = min(at for at in (now, times.get(Stage.DONE)) if at is not None)
    hours = working_hours(case, playbook, stretches(case, review.state, playbook, times, end), now)
    return {stage: spent for stage, spent in hours.items() if spent}


def clock_sentence(clock: Clock, now_in: Stage) -> str | None:
    """Return in one line whose clock ran in all stages, and in the present one; None before any working time."""
    whole: defaultdict[Side, float] = defaultdict(float)
    for spent in clock.values():
        for side, hours in spent.items():
            whole[side] += hours
    if not sum(whole.values()):
        return None
    here = clock.get(now_in)
    of_stage = f"; in {stage_words(now_in).lower()} {_days(here)}" if here else ""
    return f"Whose clock ran, in working days: {_days(whole)}{of_stage}."


def _days(spent: Mapping[Side, float]) -> str:
    parts = [f"{side_words(side)} {hours / WORKING_DAY:.1f}" for side in Side if (hours := spent.get(side, 0.0))]
    return list_words(parts)


def until(found: Mapping[Stage, Sequence[Stretch]], end: datetime) -> dict[Stage, list[Stretch]]:
    """Return the stretches up to a moment."""
    return {
        stage: [(start, min(stop, end), side) for start, stop, side in parts if start < end]
        for stage, parts in found.items()
    }


def _due(criterion: Criterion, state: OnboardingState) -> datetime:
    milestone = state.milestones.get(criterion.name)
    return (milestone.due_at if milestone else None) or state.target_at


def _moves(criteria: Sequence[Criterion], entered: datetime, left: datetime) -> Iterator[Stretch]:
    """Yield the stretches between two moments; criteria are in the order of their dates."""
    ends = [min(max(one.at or entered, entered), left) if one.met else left for one in criteria]
    marks = sorted({entered, left, *ends})
    for start, end in pairwise(marks):
        side = next((one.side for one, over in zip(criteria, ends, strict=True) if over > start), Side.VENDOR)
        yield start, end, side


def _running(
    start: datetime, end: datetime, holds: Sequence[Hold], now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of a stretch in which no hold stopped the clock."""
    at = start
    for hold in sorted(holds, key=lambda one: one.since):
        stopped, over = max(hold.since, at), hold.ended_at or hold.until or now
        if stopped >= end or over <= at:
            continue
        if stopped > at:
            yield at, stopped
        at = max(at, over)
    if at < end:
        yield at, end
