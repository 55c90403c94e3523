"""Which pieces of work a letter names to whom: what was done of late, and what is next on either side."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from onboarding.letter_parts import WorkPart, WorkParts
from onboarding.letter_words import day_in
from onboarding.playbook import Playbook, Step
from onboarding.standing import Milestone, Standing
from onboarding.words import CustomerRole, Side, Stage

RECENT = timedelta(days=14)
"""How far back work counts as just done where a step has no cadence of its own. Ours."""
AHEAD = timedelta(days=14)
"""How far ahead work of an earlier stage is named. Ours: a letter is no project plan."""
NAMED_WORK = 4
"""How many pieces of work a letter names on either side. Ours."""


def work_parts(
    standing: Standing,
    playbook: Playbook,
    step: Step,
    role: CustomerRole | None,
    stage: Stage,
    zone: str,
    now: datetime,
) -> WorkParts:
    """What a reader may see of the work: the champion all of it, others what is theirs to do (SH-4)."""
    internal = {plan.name for plan in playbook.milestones() if plan.internal}
    seen = [milestone for milestone in standing.milestones.values() if milestone.name not in internal]
    near = [
        milestone
        for milestone in seen
        if milestone.status == "open"
        and (milestone.stage is stage or (milestone.due_at is not None and milestone.due_at <= now + AHEAD))
        and _order(milestone.stage) <= _order(stage)
    ]
    back = timedelta(days=step.every.days) if step.every else RECENT
    done = [m for m in seen if m.status == "done" and m.done_at is not None and now - back <= m.done_at <= now]
    all_of_it = role is CustomerRole.CHAMPION
    theirs = [m for m in near if m.side is Side.CUSTOMER and (all_of_it or (role and m.owner_role == role.value))]
    ours = [m for m in near if m.side is not Side.CUSTOMER and all_of_it]
    return WorkParts(
        done=_named(sorted(done, key=lambda m: (m.done_at or now, m.name)) if all_of_it else (), zone, now),
        theirs=_named(sorted(theirs, key=_due), zone, now),
        ours=_named(sorted(ours, key=_due), zone, now),
    )


def _named(milestones: Iterable[Milestone], zone: str, now: datetime) -> tuple[WorkPart, ...]:
    return tuple(
        WorkPart(
            title=milestone.title,
            on=day_in(milestone.done_at or milestone.due_at, zone),
            late=milestone.status == "open" and milestone.due_at is not None and milestone.due_at < now,
        )
        for milestone in list(milestones)[:NAMED_WORK]
    )


def _due(milestone: Milestone) -> tuple[datetime, str]:
    return milestone.due_at or datetime.max.replace(tzinfo=UTC), milestone.name


def _order(stage: Stage) -> int:
    return list(Stage).index(stage)
