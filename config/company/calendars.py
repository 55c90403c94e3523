"""Weekends and public holidays of countries."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from config.company.countries import country_code
from onboarding.model.case import Calendar

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
JOINED = {FRIDAY: FRIDAY - 1, SUNDAY: SATURDAY}
"""If the law has a single day of rest, offices also rest on the day before it. This project's choice, on the quiet
side."""

YEARS_AROUND = 2
"""How many years before and after a moment holidays are looked up: longer than any onboarding."""


def years_around(moment: datetime) -> Sequence[int]:
    """Return the years that an onboarding that is live at this moment can touch."""
    return range(moment.year - YEARS_AROUND, moment.year + YEARS_AROUND + 1)


def calendar_of(country: str | None, years: Iterable[int]) -> Calendar:
    """Return weekend and public holidays of a country (code or name) in these years.

    If the country is unknown: Monday to Friday without holidays. Regional holidays are left out.
    """
    return calendar_of_code(country_code(country), years)


def calendar_of_code(code: str | None, years: Iterable[int]) -> Calendar:
    """Return the same for a valid code, as stored in the database, without reading the list of countries."""
    return _calendar(code, tuple(sorted(set(years))))


@lru_cache(maxsize=2048)
def _calendar(code: str | None, years: tuple[int, ...]) -> Calendar:
    # Imported here, because only reviews need it and it would slow every `--help` down.
    import holidays

    if code is None:
        return Calendar()
    try:
        known = holidays.country_holidays(code, years=years)
    except NotImplementedError:
        return Calendar()
    weekend = frozenset(known.weekend)
    if len(weekend) == 1:
        weekend |= {JOINED[day] for day in weekend if day in JOINED}
    return Calendar(weekend=weekend, days_off=frozenset(known))
