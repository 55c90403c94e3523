"""Reviews the due onboardings of one of the five stages."""

from dataclasses import replace
from datetime import datetime

from onboarding.words import Concern, Stage
from tasks.reports import ReviewReport
from tasks.reviews import review_due
from tasks.scope import Scope
from tasks.workplace import Workplace

STAGES = (Stage.HANDOFF, Stage.KICKOFF, Stage.SETUP, Stage.TRAINING, Stage.FIRST_VALUE)
"""The five stages in the order in which a run takes them, so that one run moves an onboarding through several."""
STAGE_WORK = frozenset({Concern.STAGES})


def review_stage(place: Workplace, as_of: datetime, scope: Scope, stage: Stage) -> ReviewReport:
    """Review the onboardings in ``stage`` whose stage work is due.

    The fifth stage includes the onboardings that are done: their last messages follow from it. Safe to repeat, as
    ``review_due`` is.
    """
    found = review_due(place, as_of, scope, STAGE_WORK, stage)
    if stage is not Stage.FIRST_VALUE:
        return found
    done = review_due(place, as_of, scope, STAGE_WORK, Stage.DONE)
    return replace(
        found,
        reviewed=found.reviewed + done.reviewed,
        planned=found.planned + done.planned,
        happened=(*found.happened, *done.happened),
        failures=(*found.failures, *done.failures),
    )
