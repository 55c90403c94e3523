"""Where in the world a country is and when it works: its code, its usual time zone, its weekend and
holidays."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from onboarding.case import Calendar

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
JOINED = {FRIDAY: FRIDAY - 1, SUNDAY: SATURDAY}
"""Where the law knows one day of rest only, offices rest on the day before it too; ours, to be rather too
quiet."""

YEARS_AROUND = 2
"""Holidays are looked up so many years before and after a moment: longer than any onboarding."""


@dataclass(frozen=True, slots=True)
class Country:
    """One country; ``zone`` is an IANA name, or None where nobody lives."""

    code: str
    name: str
    zone: str | None


def country_code(text: str | None) -> str | None:
    """The ISO 3166 two-letter code of a country as a CRM spells it: a code of two or three letters or an
    English name.

    None where the text names no country. Case, accents and punctuation do not matter.
    """
    return _spellings().get(_plain(text or ""))


def zone_of(country: str | None, region: str | None = None) -> str | None:
    """The usual IANA zone of a country (code or name); None where it is unknown.

    ``region`` is a state or province, as a code or an English name, and counts in countries of many zones;
    without it, or where it is unknown, the answer is the zone of most of the country's people.
    """
    code = country_code(country)
    if code is None:
        return None
    return _regions().get((code, _plain(region or ""))) or _countries()[code].zone


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


@lru_cache(maxsize=1)
def _content() -> Mapping[str, Any]:
    import yaml

    # The C loader where there is one: 20 ms instead of 140, in every `explain`.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files("config").joinpath("countries.yaml").read_text("utf-8")
    content: Mapping[str, Any] = yaml.load(text, Loader=loader)
    return content


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, Country]:
    return {code: Country(code=code, name=entry["name"], zone=entry.get("zone")) for code, entry in _content().items()}


@lru_cache(maxsize=1)
def _spellings() -> Mapping[str, str]:
    return {_plain(text): code for code, entry in _content().items() for text in (code, entry["name"], *entry["also"])}


@lru_cache(maxsize=1)
def _regions() -> Mapping[tuple[str, str], str]:
    return {
        (code, _plain(region)): zone
        for code, entry in _content().items()
        for zone, regions in entry.get("regions", {}).items()
        for region in regions
    }


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]", "", letters)
