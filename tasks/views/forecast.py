"""The forecast of an onboarding as stored: with the finished ones of its tier, and the playbook with which it began."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from config.playbook_library.kept import put_together
from database import key_values
from database.reporting.finished import FinishedOnboardings, first_playbook
from onboarding.dates.limits import OUT_OF_YEARS, in_years
from onboarding.forecast.expected import noon_of
from onboarding.forecast.forecast import Experience, forecast
from onboarding.forecast.what_if import WhatIf, refusal, what_if
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


def asked_what_if(conn: "Connection", seen: Picture, asked: Iterable[str]) -> WhatIf:
    """Return what would change under these assumptions, each written MILESTONE=DATE. Changes nothing.

    Raises ValueError, which names the assumption and the mend.
    """
    assumed = dict(_assumption(seen, text) for text in asked)
    experience = experience_for(conn, seen, FinishedOnboardings(conn))
    return what_if(seen.case, seen.playbook, seen.now, assumed, experience)


def _assumption(seen: Picture, text: str) -> tuple[str, datetime]:
    name, equals, day = (part.strip() for part in text.partition("="))
    if not equals:
        raise ValueError(f"{text!r} is no assumption; write MILESTONE=DATE, such as kickoff_held=2026-03-12")
    milestone = seen.review.state.milestones.get(name)
    if milestone is None:
        from config.files.mistakes import nearest

        known = nearest(name, seen.review.state.milestones)
        raise ValueError(f"{text!r}: {name!r} is no milestone of the {seen.playbook.tier} playbook; {known}")
    if (why := refusal(milestone)) is not None:
        raise ValueError(f"{text!r}: {why}; ask about one that is open")
    at = _moment(text, day, seen.case.account.zone or "UTC")
    if at < seen.case.signed_at:
        raise ValueError(f"{text!r}: that is before the signature on {seen.case.signed_at.date()}; give a later day")
    return name, at


def _moment(text: str, day: str, zone: str) -> datetime:
    """Return the moment meant: noon in the account's zone for a day."""
    try:
        found = noon_of(date.fromisoformat(day), zone) if len(day) == len("2026-03-02") else datetime.fromisoformat(day)
    except ValueError:
        raise ValueError(f"{text!r}: {day!r} is no date; write 2026-03-12 or 2026-03-12T09:00Z") from None
    if not in_years(found):
        raise ValueError(f"{text!r}: {day!r} is {OUT_OF_YEARS}; correct the year")
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
