"""When a country works: its weekend and holidays."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from config.company.countries import country_code
from onboarding.model.case import Calendar

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
JOINED = {FRIDAY: FRIDAY - 1, SUNDAY: SATURDAY}
"""Where the law knows one day of rest only, offices rest on the day before it too; ours, to be rather too
quiet."""

YEARS_AROUND = 2
"""Holidays are looked up so many years before and after a moment: longer than any onboarding."""


def years_around(moment: datetime) -> Sequence[int]:
    """The years that an onboarding alive at this moment can touch."""
    return range(moment.year - YEARS_AROUND, moment.year + YEARS_AROUND + 1)


def calendar_of(country: str | None, years: Iterable[int]) -> Calendar:
    """Weekend and public holidays of a country (code or name) in these years.

    Where the country is unknown: Monday to Friday without holidays. Regional holidays are left out.
    """
    return calendar_of_code(country_code(country), years)


def calendar_of_code(code: str | None, years: Iterable[int]) -> Calendar:
    """The same for a code that is known to be one, as the database keeps it: the list of countries is not read."""
    return _calendar(code, tuple(sorted(set(years))))


@lru_cache(maxsize=2048)
def _calendar(code: str | None, years: tuple[int, ...]) -> Calendar:
    # Imported here: it is only needed where a review runs, and would slow every `--help` down.
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
