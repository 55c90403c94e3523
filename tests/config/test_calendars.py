from datetime import date
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import pytest
import yaml

from config.calendars import calendar_of, country_code, zone_of
from onboarding.case import Calendar

COUNTRIES = yaml.safe_load(files("config").joinpath("countries.yaml").read_text("utf-8"))


def test_every_country_of_the_tz_database_is_known_with_a_zone_that_exists() -> None:
    listed = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8").splitlines()
    codes = {line.split("\t")[0] for line in listed if not line.startswith("#")}
    assert set(COUNTRIES) == codes
    zones = {code: entry.get("zone") for code, entry in COUNTRIES.items()}
    assert {code for code, zone in zones.items() if zone is None} == {"BV", "HM"}, "nobody lives there"
    regions = {zone for entry in COUNTRIES.values() for zone in entry.get("regions", {})}
    assert (set(filter(None, zones.values())) | regions) <= available_timezones()


def test_every_code_and_name_leads_to_its_own_country() -> None:
    wrong = {
        (code, text): country_code(text)
        for code, entry in COUNTRIES.items()
        for text in (code, code.lower(), entry["name"], *entry["also"])
        if country_code(text) != code
    }
    assert not wrong


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UK", "GB"),
        ("u.s.a.", "US"),
        ("United States of America", "US"),
        ("Norway", "NO"),
        ("no", "NO"),
        ("Cote d’Ivoire", "CI"),
        ("  Türkiye ", "TR"),
        ("Turkey", "TR"),
        ("Korea, Republic of", "KR"),
        ("DEU", "DE"),
        ("Österreich", "AT"),
        ("The Netherlands", "NL"),
    ],
)
def test_a_country_is_found_however_a_crm_spells_it(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", [None, "", "  ", "Narnia", "日本", "--"])
def test_what_is_no_country_is_none_and_not_a_guess(text: str | None) -> None:
    assert country_code(text) is None
    assert zone_of(text) is None


def test_a_country_of_many_zones_takes_the_one_of_most_people_unless_a_region_says_better() -> None:
    assert zone_of("US") == "America/New_York"
    assert zone_of("United States", "California") == "America/Los_Angeles"
    assert zone_of("US", "ca") == "America/Los_Angeles"
    assert zone_of("Canada", "NL") == "America/St_Johns"
    assert zone_of("Australia", "Atlantis") == "Australia/Sydney"
    assert zone_of("KI") == "Pacific/Tarawa"


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
