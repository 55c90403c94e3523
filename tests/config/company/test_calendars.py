from datetime import date
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
import yaml

from config.company.calendars import calendar_of
from onboarding.model.case import Calendar

COUNTRIES = yaml.safe_load(files("config").joinpath("countries.yaml").read_text("utf-8"))


def test_public_holidays_and_weekend_are_those_of_the_country() -> None:
    germany = calendar_of("Germany", [2026])
    assert date(2026, 10, 3) in germany.days_off
    assert date(2026, 7, 4) not in germany.days_off
    assert date(2026, 7, 3) in calendar_of("US", [2026]).days_off, "observed on the Friday"
    assert calendar_of("AE", [2026]).weekend == {5, 6}
    assert calendar_of("SA", [2026]).weekend == {4, 5}


def test_where_the_law_knows_one_day_of_rest_the_day_before_it_is_left_in_peace_too() -> None:
    assert calendar_of("HK", [2026]).weekend == {5, 6}
    assert calendar_of("IR", [2026]).weekend == {3, 4}


@pytest.mark.slow
def test_an_unknown_country_works_monday_to_friday() -> None:
    assert calendar_of(None, [2026]) == calendar_of("Narnia", [2026]) == Calendar()


def test_the_order_and_repetition_of_years_does_not_matter() -> None:
    assert calendar_of("FR", [2027, 2026, 2026]) == calendar_of("fr", range(2026, 2028))


def test_every_country_has_a_calendar_for_the_years_ahead() -> None:
    for code in COUNTRIES:
        calendar = calendar_of(code, [2026, 2027])
        assert 0 < len(calendar.weekend) <= 2, code
        assert len(calendar.days_off) < 90, code


def test_the_zones_of_the_bundled_countries_can_be_opened() -> None:
    for entry in COUNTRIES.values():
        if "zone" in entry:
            ZoneInfo(entry["zone"])
