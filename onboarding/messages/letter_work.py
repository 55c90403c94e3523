"""Work and events in a letter: which recipient is told of which, with the same day wherever it is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from onboarding.messages.calendar_days import Days
from onboarding.model.playbook import Playbook, Step
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import CustomerRole, Side, Stage

RECENT = timedelta(days=14)
"""How far back work counts as done recently, for steps without a cadence. This project's choice."""
AHEAD = timedelta(days=14)
"""How far ahead work of an earlier stage is named, as a letter is no project plan. This project's choice."""
NAMED_WORK = 4
"""How many pieces of work a letter names for each side. This project's choice."""
TASKS = {
    CustomerRole.END_USER: "tasks_done_end_users",
    CustomerRole.TECHNICAL_ADMIN: "tasks_done_admins",
    CustomerRole.MANAGER: "tasks_done_managers",
}
"""The milestone that shows that a role is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPart:
    """A piece of work; ``on`` is the day on which it was done or is due, empty if there is none.

    Days of work are days of the account, so that all recipients and the CRM name the same one.
    """

    title: str
    on: str
    late: bool
    """Whether it is open and its day is over."""
    due: str
    """``by 12 March 2026``, ``due today``, ``was due on 3 March 2026``; empty if it is done or has no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkParts:
    """Work done recently, and the next work of either side."""

    done: tuple[WorkPart, ...]
    theirs: tuple[WorkPart, ...]
    ours: tuple[WorkPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPart:
    """An event that was reached on a day, or is planned for one."""

    reached: bool
    on: str
    """The day on which it was reached, else for which it is planned; empty if neither is known."""
    title: str
    late: bool
    """Whether it is not reached and its day is over."""
    due: str
    """As in ``WorkPart``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPart:
    """The daily work that shows that the recipient's role is trained (SH-5)."""

    title: str
    on: str
    done: bool
    late: bool
    due: str
    """As in ``WorkPart``."""


def due_day(milestone: Milestone, state: OnboardingState, days: Days) -> date | None:
    """Return the due day of a piece of work: for an agreed call its day, whatever the plan says; else the plan's."""
    if milestone.name == "kickoff_held" and state.kickoff_at is not None and state.kickoff_at > days.now:
        return days.meeting(state.kickoff_at)
    instead = {"go_live": state.go_live_at, "activation": state.target_at}
    return days.of(milestone.due_at or instead.get(milestone.name))


def work_parts(
    state: OnboardingState, playbook: Playbook, step: Step | None, role: CustomerRole | None, stage: Stage, days: Days
) -> WorkParts:
    """Return the work that a recipient may see: the champion all of it, others their own (SH-4). What a message of
    first90 proves is no work to name in one."""
    now = days.now
    internal = {plan.name for plan in playbook.milestones() if plan.internal or plan.sent}
    seen = [milestone for milestone in state.milestones.values() if milestone.name not in internal]
    near = [
        milestone
        for milestone in seen
        if milestone.status == "open"
        and (milestone.stage is stage or (milestone.due_at is not None and milestone.due_at <= now + AHEAD))
        and _order(milestone.stage) <= _order(stage)
    ]
    back = timedelta(days=step.every.days) if step and step.every else RECENT
    done = [m for m in seen if m.status == "done" and m.done_at is not None and now - back <= m.done_at <= now]
    all_of_it = role is CustomerRole.CHAMPION
    theirs = [m for m in near if m.side is Side.CUSTOMER and (all_of_it or (role and m.owner_role == role.value))]
    ours = [m for m in near if m.side is not Side.CUSTOMER and all_of_it]

    def order(milestone: Milestone) -> tuple[date, str]:
        return due_day(milestone, state, days) or date.max, milestone.name

    return WorkParts(
        done=_named(sorted(done, key=lambda m: (m.done_at or now, m.name)) if all_of_it else (), state, days),
        theirs=_named(sorted(theirs, key=order), state, days),
        ours=_named(sorted(ours, key=order), state, days),
    )


def event_part(state: OnboardingState, name: str, days: Days) -> EventPart:
    """Return an event that was reached, or is planned for a day."""
    milestone = state.milestones.get(name)
    if milestone is None:
        return EventPart(reached=False, on="", title="", late=False, due="")
    part = _part(milestone, state, days)
    title = days.language.inside(milestone.title)
    on = part.on if milestone.status in ("open", "done") else ""
    return EventPart(reached=milestone.status == "done", on=on, title=title, late=part.late, due=part.due)


def task_part(state: OnboardingState, role: CustomerRole | None, days: Days) -> TaskPart:
    """Return the recipient's own daily work."""
    milestone = state.milestones.get(TASKS.get(role, "")) if role else None
    if milestone is None:
        return TaskPart(title="", on="", done=False, late=False, due="")
    part = _part(milestone, state, days)
    return TaskPart(title=part.title, on=part.on, done=milestone.met, late=part.late, due=part.due)


def _named(milestones: Iterable[Milestone], state: OnboardingState, days: Days) -> tuple[WorkPart, ...]:
    return tuple(_part(milestone, state, days) for milestone in list(milestones)[:NAMED_WORK])


def _part(milestone: Milestone, state: OnboardingState, days: Days) -> WorkPart:
    title = days.language.text(milestone.title)
    if milestone.status != "open":
        return WorkPart(title=title, on=days.happened(milestone.done_at), late=False, due="")
    due = due_day(milestone, state, days)
    return WorkPart(title=title, on=days.language.day(due), late=days.is_over(due), due=days.due(due))


def _order(stage: Stage) -> int:
    return list(Stage).index(stage)
