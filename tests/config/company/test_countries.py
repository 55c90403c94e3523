"""Recognition of countries and their parts from CRM spellings: any language, codes and usual forms, without
guessing."""

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import pytest
import yaml
from babel import Locale

from config.company.countries import country_code, is_listed_whole, region_zone, zone_of

REGIONS = yaml.safe_load(files("config").joinpath("regions.yaml").read_text("utf-8"))
COUNTRIES = yaml.safe_load(files("config").joinpath("countries.yaml").read_text("utf-8"))


def test_every_country_of_the_tz_database_is_known_with_a_zone_that_exists() -> None:
    listed = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8").splitlines()
    codes = {line.split("\t")[0] for line in listed if not line.startswith("#")}
    assert set(COUNTRIES) == codes
    zones = {code: entry.get("zone") for code, entry in COUNTRIES.items()}
    assert {code for code, zone in zones.items() if zone is None} == {"BV", "HM"}, "nobody lives there"
    regions = {zone for zones in REGIONS.values() for zone in zones}
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
        ("Estados Unidos", "US"),
        ("estados unidos de américa", "US"),
        ("EE.UU.", "US"),
        ("Vereinigte Staaten", "US"),
        ("États-Unis", "US"),
        ("США", "US"),
        ("Frankreich", "FR"),
        ("Nederland", "NL"),
        ("Pays-Bas", "NL"),
        ("Großbritannien", "GB"),
        ("GROSSBRITANNIEN", "GB"),
        ("Reino Unido", "GB"),
        ("U.K.", "GB"),
        ("England", "GB"),
        ("Czech Rep.", "CZ"),
        ("Tschechische Republik", "CZ"),
        ("Česká republika", "CZ"),
        ("Oesterreich", "AT"),
        ("Republik Österreich", "AT"),
        ("Bundesrepublik Deutschland", "DE"),
        ("Alemania", "DE"),
        ("Reino de España", "ES"),
        ("Dominican Rep.", "DO"),
        ("Dem. Rep. Congo", "CD"),
        ("Korea, Dem. People's Rep.", "KP"),
        ("St. Lucia", "LC"),
        ("Russian Fed.", "RU"),
        ("Россия", "RU"),
        ("日本", "JP"),
        ("대한민국", "KR"),
        ("الإمارات العربية المتحدة", "AE"),
        ("Germany (DE)", "DE"),
        ("DE - Germany", "DE"),
        ("Belgique/België", "BE"),
        ("Hong Kong SAR", "HK"),
    ],
)
def test_a_country_is_found_however_a_crm_spells_it(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "  ",
        "Narnia",
        "--",
        "n/a",
        "N.A.",
        "Europe",
        "EMEA",
        "Kongo",
        "Georgia, USA",
        "Deutschland, Schweiz",
        "test",
    ],
)
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


@pytest.mark.parametrize(
    "language", ["ar", "de", "es", "fr", "he", "hi", "it", "ja", "ko", "nl", "pl", "pt_BR", "ru", "th", "tr", "zh"]
)
def test_every_name_of_a_country_in_an_orgs_language_means_it_or_nothing(language: str) -> None:
    names = {code: name for code, name in Locale.parse(language).territories.items() if code in COUNTRIES}
    meant = {code: country_code(name) for code, name in names.items()}
    assert {code: got for code, got in meant.items() if got not in (code, None)} == {}
    assert {code for code, got in meant.items() if got is None} <= {"CG"}, "Kongo is the name of both"


@pytest.mark.parametrize(
    ("country", "region", "zone"),
    [
        ("Estados Unidos", "California", "America/Los_Angeles"),
        ("US", "US-CA", "America/Los_Angeles"),
        ("USA", "Kalifornien", "America/Los_Angeles"),
        ("US", "TX - Texas", "America/Chicago"),
        ("US", "State of Washington", "America/Los_Angeles"),
        ("US", "Washington, D.C.", "America/New_York"),
        ("US", "Georgia", "America/New_York"),
        ("US", "Hawai'i", "Pacific/Honolulu"),
        ("Canada", "Québec", "America/Toronto"),
        ("CA", "CA-BC", "America/Vancouver"),
        ("Kanada", "Colombie-Britannique", "America/Vancouver"),
        ("AU", "WA", "Australia/Perth"),
        ("Australien", "New South Wales", "Australia/Sydney"),
        ("Brasil", "Amazonas", "America/Manaus"),
        ("BR", "Estado do Acre", "America/Rio_Branco"),
        ("BR", "sao paulo", "America/Sao_Paulo"),
        ("México", "Baja California", "America/Tijuana"),
        ("MX", "Sonora", "America/Hermosillo"),
        ("MX", "Q. Roo", "America/Cancun"),
        ("MX", "CDMX", "America/Mexico_City"),
        ("RU", "Novosibirsk Oblast", "Asia/Novosibirsk"),
        ("Россия", "Хабаровский край", "Asia/Vladivostok"),
        ("RU", "RU-KGD", "Europe/Kaliningrad"),
        ("Indonesien", "Bali", "Asia/Makassar"),
        ("ID", "Papua", "Asia/Jayapura"),
        ("KZ", "Mangystau Region", "Asia/Aqtau"),
        ("CD", "Haut-Katanga", "Africa/Lubumbashi"),
        ("CD", "Kinshasa", "Africa/Kinshasa"),
        ("MN", "Hovd", "Asia/Hovd"),
        ("Mongolei", "Ulaanbaatar", "Asia/Ulaanbaatar"),
        ("Chile", "Magallanes", "America/Punta_Arenas"),
        ("CL", "Isla de Pascua", "Pacific/Easter"),
        ("CL", "Región Metropolitana de Santiago", "America/Santiago"),
        ("PT", "Açores", "Atlantic/Azores"),
        ("Portugal", "Região Autónoma da Madeira", "Atlantic/Madeira"),
        ("PT", "Lisboa", "Europe/Lisbon"),
        ("España", "Las Palmas", "Atlantic/Canary"),
        ("ES", "Islas Canarias", "Atlantic/Canary"),
        ("ES", "ES-TF", "Atlantic/Canary"),
        ("ES", "Comunidad de Madrid", "Europe/Madrid"),
        ("EC", "Galápagos", "Pacific/Galapagos"),
        ("NZ", "Chatham Islands", "Pacific/Chatham"),
        ("Frankreich", "La Réunion", "Indian/Reunion"),
    ],
)
def test_a_part_of_a_country_has_its_own_zone_however_it_is_written(country: str, region: str, zone: str) -> None:
    assert zone_of(country, region) == zone


@pytest.mark.parametrize(("code", "region"), [("US", "Atlantis"), ("US", "n/a"), ("BR", "Bayern"), ("DE", "Bayern")])
def test_a_part_that_is_not_known_says_nothing_and_is_a_mistake_where_all_are_listed(code: str, region: str) -> None:
    assert region_zone(code, region) is None
    assert zone_of(code, region) == COUNTRIES[code]["zone"]
    assert is_listed_whole(code) == (code != "DE")


def test_every_zone_of_a_country_of_the_tz_database_that_keeps_its_own_time_can_be_told() -> None:
    """Zones of a country whose time, today and next year, differs from all zones that can be returned for it."""
    listed = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    zones = [line.split("\t")[::2] for line in listed if not line.startswith("#")]
    told = {code: {entry.get("zone"), *REGIONS.get(code, {})} - {None} for code, entry in COUNTRIES.items()}
    clocks = {code: {_clock(zone) for zone in known} for code, known in told.items()}
    without = {(row[0], row[1]) for row in zones if _clock(row[1]) not in clocks[row[0]]}
    parts_of_a_part = {
        ("AU", "Australia/Eucla"),
        ("CA", "America/Blanc-Sablon"),
        ("CA", "America/Atikokan"),
        ("MX", "America/Matamoros"),
        ("MX", "America/Ojinaga"),
        ("MX", "America/Ciudad_Juarez"),
        ("US", "America/Adak"),
    }
    nobody_lives_there = {(code, zone) for code, zone in without if code in ("AQ", "UM")}
    assert without - nobody_lives_there - parts_of_a_part == set()


def _clock(zone: str) -> tuple[object, ...]:
    return tuple(datetime(2027, month, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for month in (1, 7))
