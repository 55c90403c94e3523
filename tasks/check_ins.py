"""The touchpoints that follow the calendar: check-ins at 7, 30 and 90 days, status mails at the tier's cadence."""

from datetime import datetime

from onboarding.words import Concern
from tasks.reports import ReviewReport
from tasks.reviews import review_due
from tasks.scope import Scope
from tasks.workplace import Workplace


def send_check_ins(place: Workplace, as_of: datetime, scope: Scope) -> ReviewReport:
    """Plan every check-in and status mail that is due (TH-2, TH-16); delivery sends them."""
    return review_due(place, as_of, scope, frozenset({Concern.CHECK_INS}), due_by=Concern.CHECK_INS)
