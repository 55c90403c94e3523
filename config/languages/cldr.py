"""Dates, numbers, lists and plurals of a language, from the Unicode CLDR by Babel."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cached_property
from math import isfinite
from typing import Literal

from onboarding.languages.formats import city_in

SHOWN = date(2038, 11, 28)
"""A day whose parts are told apart in any form of a date."""
SPACE_IN_NUMBER = re.compile(r"(?<=\d)\s(?=\d)")


def is_known(tag: str) -> bool:
    """Return whether the CLDR has this language, with this region if it names one."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-") is not None
    except (UnknownLocaleError, ValueError):
        return False


class CldrFormats:
    """The forms of one language (``onboarding.languages.formats.Formats``)."""

    def __init__(self, tag: str) -> None:
        # Imported here, because no command that only looks renders in another language than English.
        from babel import Locale

        self.locale = Locale.parse(tag, sep="-")

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Return the direction in which the language is written."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    def day(self, day: date) -> str:
        """Return a day, as ``3. März 2026``."""
        from babel.dates import format_date

        return format_date(day, "long", self.locale)

    def weekday(self, day: date) -> str:
        """Return a day with its weekday, as ``Donnerstag, 5. März 2026``."""
        from babel.dates import format_date

        return format_date(day, "full", self.locale)

    def near_day(self, day: date) -> str:
        """Return a day with its weekday and without its year, as the language tells it: ``Do., 5. März``."""
        from babel.dates import format_skeleton

        return format_skeleton("MMMMEEEEd", datetime(day.year, day.month, day.day, tzinfo=UTC), locale=self.locale)

    def short_day(self, day: date) -> str:
        """Return a day without its year, as ``Do., 5. März``."""
        from babel.dates import format_skeleton

        return format_skeleton("MMMEd", datetime(day.year, day.month, day.day, tzinfo=UTC), locale=self.locale)

    def time(self, at: datetime) -> str:
        """Return the time of a local moment."""
        from babel.dates import format_time

        return format_time(at, "short", locale=self.locale)

    def number(self, value: float, digits: int | None = None) -> str:
        """Return a number; with ``digits`` rounded to so many decimals."""
        from babel.numbers import format_decimal

        if digits is None:
            return format_decimal(round(value, 6), locale=self.locale, decimal_quantization=False)
        return format_decimal(value, f"#,##0.{'0' * digits}" if digits else "#,##0", locale=self.locale)

    def read(self, text: str) -> float | None:
        """Return the number that a person wrote; None if it is none, or its thousands stand in other places."""
        from babel.numbers import NumberFormatError, get_group_symbol, parse_decimal

        if any(sign.isalpha() for sign in text):  # an exponent is none of a person's numbers
            return None
        if (mark := get_group_symbol(self.locale)).isspace():  # a keyboard has only one of the many spaces
            text = SPACE_IN_NUMBER.sub(mark, text)
        try:
            found = float(parse_decimal(text.strip(), locale=self.locale, strict=True))
        except NumberFormatError:
            return None
        return found if isfinite(found) else None

    def listed(self, items: Iterable[str]) -> str:
        """Return a list in words, as ``a, b und c``."""
        from babel.lists import format_list

        return format_list(list(items), locale=self.locale)

    def plural(self, count: int) -> str:
        """Return the plural category of a count."""
        return str(self.locale.plural_form(count))

    def city(self, zone: str) -> str:
        """Return the city of a zone in this language; empty for one that names no place."""
        from babel.dates import get_timezone_location

        if not (city := city_in(zone)):
            return ""
        try:
            return get_timezone_location(zone, locale=self.locale, return_city=True)
        except LookupError:
            return city

    @cached_property
    def dates(self) -> re.Pattern[str]:
        """Return a pattern of days with or without weekday: the form of one day with any number in place of its own."""
        months = "|".join(map(re.escape, {name for names in self._months() for name in names}))
        forms = sorted((self.weekday(SHOWN), self.day(SHOWN)), key=len, reverse=True)
        return re.compile("|".join(self._any(form, months) for form in forms))

    def _months(self) -> Iterable[Iterable[str]]:
        return (kind["wide"].values() for kind in self.locale.months.values())

    def _any(self, form: str, months: str) -> str:
        weekdays = {name for kind in self.locale.days.values() for name in kind["wide"].values()}
        pattern = re.escape(form)
        for names in (weekdays, set(months.split("|"))):
            found = max((re.escape(name) for name in names if re.escape(name) in pattern), key=len, default="")
            if found:
                pattern = pattern.replace(found, f"(?:{'|'.join(sorted(names, key=len, reverse=True))})", 1)
        return pattern.replace("2038", r"\d{4}").replace("28", r"\d{1,2}").replace("11", r"\d{1,2}")
