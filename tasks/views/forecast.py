"""The forecast of an onboarding as stored: with the finished ones of its tier, and the playbook with which it began."""

from dataclasses import replace
from typing import TYPE_CHECKING

from config.playbook_library.kept import put_together
from database import key_values
from database.reporting.finished import FinishedOnboardings, first_playbook
from onboarding.forecast.forecast import Experience, forecast
from tasks.views.picture import Picture

if TYPE_CHECKING:
    from sqlalchemy import Connection


def experience_for(conn: "Connection", seen: Picture, others: FinishedOnboardings) -> Experience:
    """Return what the forecast of this onboarding rests on besides its own case. Reads only."""
    progress = seen.review.progress
    first = first_playbook(conn, seen.case.key)
    kept = key_values.kept_playbooks(conn, [first]) if first and first != seen.case.progress.playbook else {}
    return Experience(
        first_playbook=put_together(kept[first]) if first and first in kept else seen.playbook,
        finished=others.of(progress.tier, seen.case.signed_at) if progress.tier else (),
    )


def with_forecast(conn: "Connection", seen: Picture, others: FinishedOnboardings | None = None) -> Picture:
    """Return the picture with its forecast. Reads only; at most six statements.

    ``others`` keeps what is read of finished onboardings, for whoever asks for many forecasts in one transaction.
    """
    experience = experience_for(conn, seen, others or FinishedOnboardings(conn))
    found = forecast(seen.case, seen.review, seen.playbook, seen.now, experience)
    return replace(seen, forecast=found)
