"""Reviews the touchpoints that follow the calendar: check-ins on days 7, 30 and 90, status mails by tier."""

from datetime import datetime

from onboarding.model.vocabulary import Concern
from tasks.review.batches import review_due
from tasks.runtime.context import RunContext
from tasks.runtime.reports import ReviewReport
from tasks.runtime.scope import Scope


def send_check_ins(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Plan every check-in and status mail that is due (TH-2, TH-16); delivery sends them."""
    return review_due(context, as_of, scope, frozenset({Concern.CHECK_INS}), due_by=Concern.CHECK_INS)
