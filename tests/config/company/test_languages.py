"""Which language a person's mails are in: the contact's field, the account's, the country's, in this order."""

from pathlib import Path

import pytest

from config.company.languages import BUNDLED, LanguageMapping, load_languages
from config.files.documents import DocumentError
from onboarding.brand.company import NO_BRAND, Brand
from onboarding.model.parties import Account, Person

MAPPING = load_languages()
BRAND = Brand(name="Häuser", postal="Hauptstraße 1, 10115 Berlin")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de_AT", "de-AT"),
        ("pt-br", "pt-BR"),
        ("Deutsch", "de"),
        (" german ", "de"),
        ("Français", "fr"),
        ("Klingon", None),
        ("d", None),
        ("de-AUT", None),
        ("", None),
    ],
)
def test_a_crm_names_a_language_by_tag_or_by_name(text: str, tag: str | None) -> None:
    assert MAPPING.tag(text) == tag


@pytest.mark.parametrize(
    ("person", "account", "wanted"),
    [
        ({"language": "fr", "country": "DE"}, {"language": "en"}, ["fr", "en", "de"]),
        ({"country": "AT"}, {"language": "en", "country": "DE"}, ["en", "de-AT"]),
        ({}, {"country": "DE"}, ["de"]),
        ({"country": "CH"}, {"country": "DE"}, []),
        ({}, {}, []),
    ],
)
def test_the_contact_goes_before_the_account_and_the_account_before_the_country(
    person: dict[str, str], account: dict[str, str], wanted: list[str]
) -> None:
    both = Person(id="1", name="A", **person), Account(id="2", name="B", **account)  # type: ignore[arg-type]
    assert list(MAPPING.of(*both, BRAND)) == wanted
    named = [one for one in (person.get("language"), account.get("language")) if one]
    assert list(MAPPING.of(*both, NO_BRAND)) == named, "a country decides nothing before the company has"


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "languages.yaml"
    file.write_text(BUNDLED.read_text("utf-8").replace("DE: de\n", "DE: deutsch\n"), "utf-8")
    with pytest.raises(DocumentError, match=r"languages.yaml, line \d+, countries.DE: 'deutsch' does not fit"):
        load_languages(file)
    assert LanguageMapping().tag("de") == "de"
