"""Dates, numbers and lists in the forms of a language: what every language offers, and English as it is built in."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

from onboarding.facts.goal_lint import number_in
from onboarding.model.phrases import MONTHS, WEEKDAYS, day_words, list_words, number_words


class Formats(Protocol):
    """The forms of one language."""

    def day(self, day: date) -> str:
        """Return a day as ``3 March 2026``."""

    def weekday(self, day: date) -> str:
        """Return a day as ``Thursday 5 March 2026``."""

    def near_day(self, day: date) -> str:
        """Return a day of these months as ``Thursday, 5 March``."""

    def short_day(self, day: date) -> str:
        """Return a day of these months as ``Thu 5 Mar``."""

    def time(self, at: datetime) -> str:
        """Return the time of a local moment as ``10:00``."""

    def number(self, value: float, digits: int | None = None) -> str:
        """Return a number; with ``digits`` rounded to so many decimals, and its thousands are marked."""

    def read(self, text: str) -> float | None:
        """Return the number that a person wrote as this language writes numbers; None if it is none."""

    def listed(self, items: Iterable[str]) -> str:
        """Return ``a, b and c``."""

    def plural(self, count: int) -> str:
        """Return the plural category of a count by CLDR: ``zero``, ``one``, ``two``, ``few``, ``many`` or ``other``."""

    def city(self, zone: str) -> str:
        """Return the city of an IANA zone; empty for one that names no place."""

    @property
    def dates(self) -> re.Pattern[str]:
        """Return a pattern of days as ``day`` and ``weekday`` write them, with the time of a meeting."""


class EnglishFormats:
    """English as it is written outside the United States."""

    def day(self, day: date) -> str:
        """See ``Formats``."""
        return day_words(day)

    def weekday(self, day: date) -> str:
        """See ``Formats``."""
        return f"{WEEKDAYS[day.weekday()]} {day_words(day)}"

    def near_day(self, day: date) -> str:
        """See ``Formats``."""
        return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]}"

    def short_day(self, day: date) -> str:
        """See ``Formats``."""
        return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}"

    def time(self, at: datetime) -> str:
        """See ``Formats``."""
        return f"{at:%H:%M}"

    def number(self, value: float, digits: int | None = None) -> str:
        """See ``Formats``."""
        return number_words(value) if digits is None else f"{value:,.{digits}f}"

    def read(self, text: str) -> float | None:
        """See ``Formats``."""
        return number_in(text)

    def listed(self, items: Iterable[str]) -> str:
        """See ``Formats``."""
        return list_words(items)

    def plural(self, count: int) -> str:
        """See ``Formats``."""
        return "one" if count == 1 else "other"

    def city(self, zone: str) -> str:
        """See ``Formats``."""
        return city_in(zone)

    @cached_property
    def dates(self) -> re.Pattern[str]:
        """See ``Formats``."""
        return re.compile(rf"(?:\w+day )?\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}(?: at \d\d:\d\d)?")


def city_in(zone: str) -> str:
    """Return the city in an IANA zone's own name; empty for ``UTC`` and ``Etc/GMT+2``."""
    area, slash, place = zone.rpartition("/")
    return place.replace("_", " ") if slash and not area.startswith("Etc") else ""
