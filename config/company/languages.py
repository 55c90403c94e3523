"""Which language a reader's mails are in: fields of the CRM, the country, and the file that maps them."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from config.files.documents import read_document
from config.settings import locations
from onboarding.brand.company import NO_BRAND, Brand
from onboarding.model.parties import Account, Person

BUNDLED = locations.BUNDLED / "languages.yaml"
TAG = r"^[a-z]{2,3}(-[A-Z]{2})?$"
Tag = Annotated[str, Field(pattern=TAG)]


class LanguageMapping(BaseModel):
    """The file of languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spellings: Mapping[str, Tag] = Field(default_factory=dict)
    countries: Mapping[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], Tag] = Field(default_factory=dict)

    def tag(self, text: str) -> str | None:
        """Return the language that a CRM's text names: a tag (``de``, ``de_DE``, ``de-at``) or one of the spellings."""
        spelt = text.strip().casefold()
        for spelling, tag in self.spellings.items():
            if spelling.casefold() == spelt:
                return tag
        language, _, region = spelt.replace("_", "-").partition("-")
        if language.isascii() and language.isalpha() and len(language) == 2:
            if not region:
                return language
            if len(region) == 2 and region.isascii() and region.isalpha():
                return f"{language}-{region.upper()}"
        return None

    def of(self, person: Person, account: Account, brand: Brand) -> Iterator[str]:
        """Yield the language of a person, of their account and of their country, as far as each is known.

        Without a brand of its own a company has not decided in which languages it speaks: then the country does not.
        """
        country = (person.country or account.country) if brand != NO_BRAND else None
        found = (person.language, account.language, self.countries.get(country) if country else None)
        yield from (tag for tag in found if tag)


@cache
def load_languages(path: Path = BUNDLED) -> LanguageMapping:
    """Return the content of the file, read once. Raise DocumentError with file, line, field and remedy."""
    return read_document(path, LanguageMapping)


def language_tag(text: str) -> str | None:
    """Return the language that a field of the CRM names; None if it is empty or names none."""
    return load_languages().tag(text) if text else None
