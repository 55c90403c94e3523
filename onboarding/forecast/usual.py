"""How long each piece of work usually takes: the median of this installation's own finished onboardings of a tier."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from onboarding.forecast.work import milestone_at
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.vocabulary import STAGES, Stage
from onboarding.values import dataclass

LEAST = 5
"""Finished onboardings from which their median counts; below it the playbook's figure does. This project's choice."""
MOST = 40
"""The latest finished onboardings that count: how a company works changes. This project's choice."""


class UsualTime(NamedTuple):
    """The median duration of a piece of work, and of how many onboardings it is the median."""

    working_days: int
    onboardings: int


Usual = Mapping[str, UsualTime]
"""Milestone name to its usual duration; what too few onboardings show is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The times of a completed onboarding, in UTC."""

    signed_at: datetime
    opened_at: datetime
    completed_at: datetime
    stage_times: Mapping[Stage, datetime]
    done: Mapping[str, datetime]
    """Milestone name to when it was done; what did not apply is missing."""


def usual_times(finished: Iterable[Finished], playbook: Playbook, by: datetime) -> Usual:
    """Return the usual durations as they were known at ``by`` (UTC), from the ``MOST`` latest completed until then.

    A duration counts from the end of the work before (``after``), else from the anchor of the due date, in days from
    Monday to Friday: holidays differ between customers.
    """
    known = sorted((one for one in finished if one.completed_at <= by), key=lambda one: one.completed_at)[-MOST:]
    found: dict[str, UsualTime] = {}
    for stage in STAGES:
        for plan in playbook.stages[stage].milestones:
            times = [days for one in known if (days := _took(plan, stage, one)) is not None]
            if len(times) >= LEAST:
                found[plan.name] = UsualTime(_median(times), len(times))
    return found


def _took(plan: MilestonePlan, stage: Stage, one: Finished) -> int | None:
    done, began = one.done.get(plan.name), _began(plan, stage, one)
    return None if done is None or began is None else weekdays_between(began, done)


def _began(plan: MilestonePlan, stage: Stage, one: Finished) -> datetime | None:
    before = [one.done[name] for name in plan.after if name in one.done]
    if before:
        return max(before)
    anchor = plan.due.anchor
    if anchor == "stage":
        return one.stage_times.get(stage)
    name = milestone_at(anchor)
    return (
        max(one.signed_at, one.opened_at) if anchor == "signature" else one.done.get(name if name != plan.name else "")
    )


def _median(values: list[int]) -> int:
    """Return the median, rounded up to whole days. The standard library's function is slow to import."""
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle] + 1) // 2


def weekdays_between(start: datetime, end: datetime) -> int:
    """Return how many days from Monday to Friday lie after the day of ``start`` up to that of ``end`` (UTC); 0 if none
    does."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    return max(_weekdays_until(last) - _weekdays_until(first), 0)


def _weekdays_until(day: date) -> int:
    """Return the number of weekdays from Monday, 1 January of year 1, up to and with this day."""
    weeks, rest = divmod((day - date.min) // timedelta(days=1) + 1, 7)
    return 5 * weeks + min(rest, 5)
