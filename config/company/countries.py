"""Countries, their parts and time zones, recognised from codes and names in any language."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from config.settings.locations import BUNDLED
from onboarding.model.identity import plain_letters
from onboarding.people.placeholders import is_placeholder
from onboarding.values import dataclass


def _set(words: str) -> frozenset[str]:
    return frozenset(map(plain_letters, words.split()))


_SHORT = {"rep": "republic", "dem": "democratic", "fed": "federation", "st": "saint", "is": "islands", "&": "and"}
"""Abbreviated words and their long forms."""
_FORM = _set(
    """
    republic republik bundesrepublik republica republique repubblica republiek rzeczpospolita kingdom
    konigreich koninkrijk
    reino royaume regno rei state states estado estados etat stato staat bundesstaat land province provincia provinz
    provincie provincia prefecture prefectura departement departamento department region regiao regione oblast krai kray
    okrug republika respublika область край республика comunidad autonoma autonomous comunitat district territory
    governorate aimag aimak special capital city of the de la le les du del des do da dos das di die der het el los
    las y e
    """
)
"""Words for a form of state or a kind of region, which may be left out of a name that is unknown with them."""


@dataclass(frozen=True, slots=True)
class Country:
    """One country; ``zone`` is an IANA name, or None if it is uninhabited."""

    code: str
    name: str
    zone: str | None


@lru_cache(maxsize=4096)
def country_code(text: str | None) -> str | None:
    """Return the ISO 3166 two-letter code of a country as a CRM spells it: a code of two or three letters, a name in
    any language, or another usual spelling (``Czech Rep.``, ``EE.UU.``, ``England``, ``DE - Germany``).

    None if the text names no country, or several. Case, accents and punctuation do not matter.
    """
    text = (text or "").strip()
    if is_placeholder(text) and not re.fullmatch(r"[A-Za-z]{2}", text):
        return None  # n/a is not Namibia
    return _meaning(text, _country)


def zone_of(country: str | None, region: str | None = None) -> str | None:
    """Return the usual IANA zone of a country (code or name); None if it is unknown.

    ``region`` is a state or province, by its ISO 3166-2 code or a name, and matters in countries with several zones;
    without a known one the result is the zone of most of the country's people.
    """
    code = country_code(country)
    if code is None:
        return None
    return (region_zone(code, region) if region else None) or _countries()[code].zone


def region_zone(code: str, region: str) -> str | None:
    """Return the zone of a part of a country; None if the part is unknown."""
    if is_placeholder(region) and not re.fullmatch(r"\w{1,3}", region.strip()):
        return None
    known = _regions().get(code, {})
    bare = re.sub(rf"^\s*{code}\s*[-.]\s*", "", region, flags=re.IGNORECASE)
    return _meaning(bare, lambda text: known.get(plain_letters(text))) if known else None


def is_listed_whole(code: str) -> bool:
    """Return whether every part of the country is listed, so that an unknown one must be a mistake."""
    return _countries()[code].zone in _regions().get(code, {}).values()


def _meaning(text: str, meaning: Any) -> str | None:
    """Return the meaning of the whole text; else without abbreviations and words of form; else of its parts, if all
    with a meaning agree."""
    for words in (text, _without(text, short=False), _without(text, short=True)):
        if found := meaning(words):
            return str(found)
    parts = [part for part in re.split(r"[()\[\]/|;,]|\s[-–—]\s", text) if plain_letters(part)]
    if len(parts) < 2:
        return None
    meant = {meaning(part) or meaning(_without(part, short=True)) for part in parts}
    return str(meant.pop()) if len(meant) == 1 and None not in meant else None


def _country(text: str) -> str | None:
    plain = plain_letters(text)
    return (_spellings().get(plain) or _names().get(plain)) if plain else None


def _without(text: str, *, short: bool) -> str:
    """Return the text with abbreviations written out, and with ``short`` also without words of form."""
    words = [_SHORT.get(word.strip(".").casefold(), word) for word in text.replace("’", "'").split()]
    return " ".join(word for word in words if not short or plain_letters(word) not in _FORM)


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, Country]:
    return {code: Country(code, entry["name"], entry.get("zone")) for code, entry in _content("countries.yaml").items()}


@lru_cache(maxsize=1)
def _spellings() -> Mapping[str, str]:
    """Return codes and usual spellings."""
    content = _content("countries.yaml").items()
    return {plain_letters(text): code for code, entry in content for text in (code, entry["name"], *entry["also"])}


@lru_cache(maxsize=1)
def _regions() -> Mapping[str, Mapping[str, str]]:
    """Return by country the zone of each of its parts."""
    return {
        code: {plain_letters(name): zone for zone, names in zones.items() for name in names}
        for code, zones in _content("regions.yaml").items()
    }


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """Return every country's name in every language of the Unicode CLDR, without names of several countries.

    Read at the first spelling that is neither a code nor English, because it takes a second.
    """
    codes, meant = _countries(), dict[str, set[str]]()
    for code, name in _names_by_language():
        if code in codes:
            for spelt in {plain_letters(name), plain_letters(_umlauts(name))}:
                meant.setdefault(spelt, set()).add(code)
    return {name: found.pop() for name, found in meant.items() if len(found) == 1}


def _names_by_language() -> Iterable[tuple[str, str]]:
    # Imported here, because only intake needs it. The files are read directly, because babel caches all that it reads:
    # 180 MB for the names of countries alone.
    import pickle
    from pathlib import Path

    from babel import localedata

    for language in localedata.locale_identifiers():
        _, _, variant = language.partition("_")
        if not variant or len(variant) == len("Latn"):
            file = Path(localedata.resolve_locale_filename(language))
            yield from _territories(pickle.loads(file.read_bytes()))


def _territories(language: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for code, name in language.get("territories", {}).items():
        yield str(code), str(name)


def _umlauts(name: str) -> str:
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa")):
        name = name.casefold().replace(letter, written)
    return name


@lru_cache(maxsize=2)
def _content(file: str) -> Mapping[str, Any]:
    import yaml

    # The C loader takes 20 ms instead of 140, in every `explain`.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: Mapping[str, Any] = yaml.load((BUNDLED / file).read_text("utf-8"), Loader=loader)
    return content
