"""Dates, numbers, lists, plurals and cities in the forms of each language."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.languages.cldr import CldrFormats
from onboarding.languages.formats import EnglishFormats, Formats
from tests.examples import examples

TAGS = ("de", "de-AT", "en-US", "fr", "pl", "hu", "ar", "he", "ja", "zh", "fi")
DAY, AT = date(2026, 1, 5), datetime(2026, 1, 5, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "day", "weekday", "time"),
    [
        ("de", "5. Januar 2026", "Montag, 5. Januar 2026", "09:05"),
        ("de-AT", "5. Jänner 2026", "Montag, 5. Jänner 2026", "09:05"),
        ("fr", "5 janvier 2026", "lundi 5 janvier 2026", "09:05"),
        ("hu", "2026. január 5.", "2026. január 5., hétfő", "9:05"),
        ("ja", "2026年1月5日", "2026年1月5日月曜日", "9:05"),
        ("he", "5 בינואר 2026", "יום שני, 5 בינואר 2026", "9:05"),
    ],
)
def test_days_and_times(tag: str, day: str, weekday: str, time: str) -> None:
    formats = CldrFormats(tag)
    assert (formats.day(DAY), formats.weekday(DAY), formats.time(AT)) == (day, weekday, time)


def test_numbers_lists_plurals_and_cities() -> None:
    german, polish, arabic = CldrFormats("de"), CldrFormats("pl"), CldrFormats("ar")
    assert [german.number(value) for value in (48.0, 3.5, 1234.25)] == ["48", "3,5", "1.234,25"]
    assert german.number(15300.4, 0) == "15.300"
    small_and_large = (0.0005, 1_500_000.0, 123456.75, 0.1 + 0.2)
    assert [german.number(value) for value in small_and_large] == ["0,0005", "1.500.000", "123.456,75", "0,3"]
    assert [EnglishFormats().number(value) for value in small_and_large] == ["0.0005", "1,500,000", "123,456.75", "0.3"]
    assert (german.number(1234.5, 2), EnglishFormats().number(1234.5, 2)) == ("1.234,50", "1,234.50")
    assert german.listed(["a", "b", "c"]) == "a, b und c"
    assert [polish.plural(count) for count in (1, 3, 5, 22)] == ["one", "few", "many", "few"]
    assert [arabic.plural(count) for count in (0, 1, 2, 3, 11, 100)] == ["zero", "one", "two", "few", "many", "other"]
    assert [german.city(zone) for zone in ("Europe/Vienna", "America/New_York", "UTC", "Etc/GMT+2")] == [
        "Wien",
        "New York",
        "",
        "",
    ]
    assert (german.direction, arabic.direction, CldrFormats("he").direction) == ("ltr", "rtl", "rtl")


@pytest.mark.parametrize("tag", ["fr", "sv", "pl", "cs", "nb", "fi"])
def test_thousands_are_read_with_any_space_where_a_space_marks_them(tag: str) -> None:
    formats = CldrFormats(tag)
    for space in (" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}"):
        assert formats.read(f"15{space}300") == 15300
        assert formats.read(f" -1{space}500{space}000,5 ") == -1_500_000.5
    for refused in ("15  300", "153 00", "1 5 300", "15 300 2", "15 300 kr", "15.300,5", "15 , 5"):
        assert formats.read(refused) is None
    assert CldrFormats("de").read("15 300") is None, "German marks thousands by a full stop"


@settings(max_examples=examples(100))
@given(st.sampled_from([*TAGS, "sv", "cs", "nb", "de-CH", "ru"]), st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_what_a_language_writes_as_a_number_it_reads_as_the_same(tag: str, digits: int, decimals: int) -> None:
    value, formats = digits / 10**decimals, CldrFormats(tag)
    assert formats.read(formats.number(value)) == value


@settings(max_examples=examples(60))
@given(st.sampled_from([*TAGS, "en"]), st.integers(0, 4000))
def test_every_day_that_a_language_writes_is_found_in_a_text_whole(tag: str, days: int) -> None:
    formats: Formats = EnglishFormats() if tag == "en" else CldrFormats(tag)
    day = DAY + timedelta(days=days)
    for said in (formats.day(day), formats.weekday(day)):
        found = formats.dates.search(f"x {said} y")
        assert found is not None
        assert found[0] == said
    assert formats.dates.search("5 of 12 in 2026, or 10:00") is None
