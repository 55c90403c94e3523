"""The five stages in order, each a task over the onboardings in it that are due."""

from collections.abc import Callable
from datetime import datetime

from onboarding.words import Concern, Stage
from tasks.reports import ReviewReport
from tasks.reviews import review_due
from tasks.scope import Scope
from tasks.task_run import task_run
from tasks.workplace import Workplace

STAGE_WORK = frozenset({Concern.STAGES})


@task_run("1-handoff")
def run_handoff(place: Workplace, as_of: datetime, scope: Scope) -> ReviewReport:
    """Sales to success: what sales owes is asked for, the welcome and the kickoff invitation go out (ST-1)."""
    return review_due(place, as_of, scope, STAGE_WORK, Stage.HANDOFF)


@task_run("2-kickoff")
def run_kickoff(place: Workplace, as_of: datetime, scope: Scope) -> ReviewReport:
    """Kickoff booked and held, goals made measurable (ST-2)."""
    return review_due(place, as_of, scope, STAGE_WORK, Stage.KICKOFF)


@task_run("3-setup")
def run_setup(place: Workplace, as_of: datetime, scope: Scope) -> ReviewReport:
    """The five technical items, inside a hard timeline (ST-3)."""
    return review_due(place, as_of, scope, STAGE_WORK, Stage.SETUP)


@task_run("4-training")
def run_training(place: Workplace, as_of: datetime, scope: Scope) -> ReviewReport:
    """Role by role, daily tasks really done (ST-4)."""
    return review_due(place, as_of, scope, STAGE_WORK, Stage.TRAINING)


@task_run("5-first-value")
def run_first_value(place: Workplace, as_of: datetime, scope: Scope) -> ReviewReport:
    """Activation told to both sides, the plan for the next ninety days, the transition (ST-5); and what follows it."""
    first_value = review_due(place, as_of, scope, STAGE_WORK, Stage.FIRST_VALUE)
    done = review_due(place, as_of, scope, STAGE_WORK, Stage.DONE)
    return ReviewReport(
        stage=Stage.FIRST_VALUE,
        reviewed=first_value.reviewed + done.reviewed,
        left=first_value.left,
        planned=first_value.planned + done.planned,
        happened=(*first_value.happened, *done.happened),
        failures=(*first_value.failures, *done.failures),
    )


STAGE_TASKS: tuple[Callable[[Workplace, datetime, Scope], ReviewReport], ...] = (
    run_handoff,
    run_kickoff,
    run_setup,
    run_training,
    run_first_value,
)
