"""Reviews the due onboardings of one of the five stages."""

from dataclasses import replace
from datetime import datetime

from onboarding.model.vocabulary import Concern, Stage
from tasks.review.batches import review_due
from tasks.runtime.context import RunContext
from tasks.runtime.reports import ReviewReport
from tasks.runtime.scope import Scope

STAGE_WORK = frozenset({Concern.STAGES})


def review_stage(context: RunContext, as_of: datetime, scope: Scope, stage: Stage) -> ReviewReport:
    """Review the onboardings in ``stage`` whose stage work is due.

    The fifth stage includes the onboardings that are done: their last messages follow from it. Safe to repeat, as
    ``review_due`` is.
    """
    found = review_due(context, as_of, scope, STAGE_WORK, stage)
    if stage is not Stage.FIRST_VALUE:
        return found
    done = review_due(context, as_of, scope, STAGE_WORK, Stage.DONE)
    return replace(
        found,
        reviewed=found.reviewed + done.reviewed,
        planned=found.planned + done.planned,
        happened=(*found.happened, *done.happened),
        failures=(*found.failures, *done.failures),
    )
