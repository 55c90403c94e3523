"""The names of a person: the full name for the vendor's people, and the name in a salutation."""

import re
import unicodedata
from dataclasses import dataclass

from onboarding.model.identity import one_line
from onboarding.model.parties import Salutation
from onboarding.people.placeholders import is_certainly_no_person, is_mailbox, is_placeholder, is_unlike_a_name

_TITLES = re.compile(
    r"((dr|prof|professor|mr|mrs|ms|mx|miss|sir|dame|herr|frau|mme|mlle|m|sra?|srta|ing|dipl-ing|mag|fr|hr|"
    r"dott|dra|drs|ir|rev)\.?|ph\.?d\.?|mba)",
    re.IGNORECASE,
)
_SUFFIXES = re.compile(r"(jr|sr|phd|ph\.d|md|mba|esq|ii|iii|iv|cpa|msc|bsc|ma|ba)\.?", re.IGNORECASE)
_REMARK = re.compile(r"\s*(\([^)]*\)|\[[^\]]*\]|<[^>]*>|\{[^}]*\})\s*")
_AROUND = " \t\"'“”„«»‘’`,;:_*-–—\u200c\u200d"
_PICTURES = frozenset({"So", "Sk", "Cn", "Co"})
_SALUTATIONS = (
    (Salutation.MR, re.compile(r"\b(mr|mister|herr|hr|monsieur|sr|señor|signor|sig|dhr|pan)\b\.?", re.IGNORECASE)),
    (Salutation.MS, re.compile(r"\b(ms|mrs|miss|frau|fr|mme|madame|sra|señora|signora|mevr|pani)\b\.?", re.IGNORECASE)),
)
INITIALS = 3
"""A word in capitals of up to this many letters is taken for initials (``JP``), unless the whole name is in
capitals."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a person."""

    full: str
    """For the vendor's people, without placeholders; empty if no name is known."""
    called: str
    """For a salutation: never a part of a family name, a placeholder, a department or an address; empty for a
    salutation without a name."""


def read_names(first: str, last: str, name: str = "") -> Names:
    """Return the names from the CRM's fields; ``name`` is the CRM's full name.

    The salutation uses the CRM's first name, or without one the full name (``Doe, Jane`` becomes Jane Doe). Titles and
    remarks in brackets are dropped, and a first name in all capitals or all lower case is capitalised.
    """
    first, last, name = (one_line(text) for text in (first, last, name))
    if last and first.casefold().endswith(f" {last.casefold()}"):
        first = first[: -len(last)].strip()
    elif last and first.casefold().startswith(f"{last.casefold()},"):
        first = first[len(last) + 1 :].strip()
    full = _full(first, last, name)
    return Names(full=full, called=_called(first, full))


def read_salutation(text: str) -> Salutation | None:
    """Return what a CRM's salutation says (``Mr.``, ``Frau Dr.``); None if it is empty or says neither."""
    found = [salutation for salutation, pattern in _SALUTATIONS if pattern.search(text)]
    return found[0] if len(found) == 1 else None


def read_family_name(first: str, last: str) -> str:
    """Return the family name for a formal address; empty unless the CRM has a name in both fields."""
    given = _given(_bare(one_line(first)))
    family, comma, end = _bare(one_line(last)).partition(",")
    family = " ".join(word for word in family.split() if not _TITLES.fullmatch(word))
    if not _is_name(given) or not _is_name(family) or (comma and not _SUFFIXES.fullmatch(end.strip())):
        return ""
    return _cased(family, in_capitals=family.isupper())


def _full(first: str, last: str, name: str) -> str:
    parts = [text for text in (first, last) if not is_placeholder(text) and "@" not in text]
    if is_placeholder(f"{first} {last}" if first or last else name):
        return ""
    if not name or len(parts) < sum(1 for text in (first, last) if text):
        return " ".join(parts)
    kept = one_line(_REMARK.sub(lambda one: " " if is_placeholder(one[0]) else one[0], name))
    return "" if is_placeholder(kept) or "@" in kept else kept


def _called(first: str, full: str) -> str:
    whole, given = _in_order(_bare(full)), _given(_bare(first))
    if given and (is_mailbox(given) or is_certainly_no_person(whole)):
        return ""
    if given and _is_name(given):
        return _cased(given, in_capitals=whole.isupper())
    return whole if _is_name(whole) and not is_mailbox(whole) else ""


def _bare(name: str) -> str:
    """Return the name without remarks in brackets, pictographs and surrounding punctuation."""
    shown = "".join(char for char in _REMARK.sub(" ", one_line(name)) if unicodedata.category(char) not in _PICTURES)
    return shown.strip(_AROUND)


def _given(first: str) -> str:
    """Return the first name without titles and degrees."""
    start, comma, end = first.rpartition(",")
    kept = _in_order(first) if not comma or not _SUFFIXES.fullmatch(end.strip()) else start
    return " ".join(word for word in kept.split() if not _TITLES.fullmatch(word))


def _is_name(text: str) -> bool:
    if is_placeholder(text) or is_unlike_a_name(text):
        return False
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) > 1 or any(ord(letter) > 0x24F for letter in letters)


def _in_order(name: str) -> str:
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma or not given or _SUFFIXES.fullmatch(given) or "," in given:
        return name
    return f"{given} {family}"


def _cased(name: str, *, in_capitals: bool) -> str:
    small = name.islower()
    return re.sub(
        r"[^\W\d_]+",
        lambda one: one[0].capitalize() if small or _is_capitalised(one[0], in_capitals=in_capitals) else one[0],
        name,
    )


def _is_capitalised(word: str, *, in_capitals: bool) -> bool:
    return word.isupper() and len(word) > (1 if in_capitals else INITIALS)
