"""What would change in a stored onboarding if milestones were done on other days, asked for in words."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from database.reporting.finished import FinishedOnboardings
from onboarding.dates.limits import OUT_OF_YEARS, in_years
from onboarding.forecast.expected import noon_of
from onboarding.forecast.what_if import WhatIf, refusal, what_if
from tasks.views.forecast import experience_for
from tasks.views.picture import Picture

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
