"""The working calendars that reviews counted by, stored so that showing an onboarding need not compute them again."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from database.statements import replace_rows
from database.tables import CalendarRow
from onboarding.model.case import Calendar


def keep_calendars(conn: Connection, calendars: Mapping[str, Calendar], years: Sequence[int]) -> None:
    """Store the calendars of countries (by code) for these years. Safe to repeat: a stored one is not written again."""
    rows = {
        country: {
            "country": country,
            "first_year": min(years),
            "last_year": max(years),
            "weekend": sorted(calendar.weekend),
            "days_off": [day.isoformat() for day in sorted(calendar.days_off)],
        }
        for country, calendar in calendars.items()
    }
    known = {row.country: dict(row._mapping) for row in conn.execute(select(CalendarRow))} if rows else {}
    replace_rows(conn, CalendarRow, [row for country, row in sorted(rows.items()) if known.get(country) != row])


def kept_calendars(conn: Connection, years: Sequence[int]) -> dict[str, Calendar]:
    """Return the stored calendars that cover these years, by country code."""
    covers = (CalendarRow.first_year <= min(years), CalendarRow.last_year >= max(years))
    return {
        row.country: Calendar(weekend=frozenset(row.weekend), days_off=frozenset(map(date.fromisoformat, row.days_off)))
        for row in conn.execute(select(CalendarRow).where(*covers))
    }
