"""The words of a language, from the file ``words.yaml`` in its folder of templates."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from string import Formatter
from typing import Any

from config.files.documents import DocumentError, read_document
from config.files.marked_yaml import read_marked
from config.files.mistakes import Mistake
from config.languages.cldr import CldrFormats, is_known
from onboarding.languages.formats import EnglishFormats
from onboarding.languages.language import Language
from onboarding.languages.phrases import Words
from onboarding.sentences.catalogue import ENGLISH as SLACK
from onboarding.sentences.counted import Counted

FILE = "words.yaml"
_TAG = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
LIKE_OURS = frozenset({"en", "en-GB", "en-IE", "en-AU", "en-NZ"})
"""Where English is written with the day before the month, as the built-in one is."""


def read_words(folder: Path) -> Words:
    """Return the words of a folder, with English for all that its file leaves out. Raise DocumentError."""
    path = folder / FILE
    if not path.is_file():
        return Words()
    given = read_document(path, Words)
    if mistakes := tuple(_broken(path, given)):
        raise DocumentError(mistakes)
    tables = ((name, english) for name, english in _english() if isinstance(english, Mapping))
    whole: dict[str, Any] = {name: {**english, **getattr(given, name)} for name, english in tables}
    return replace(given, **whole)


def left_out(folder: Path) -> tuple[str, ...]:
    """Return the keys of the phrases of Slack that the words of a folder leave out, so that they are said in English.
    Raise DocumentError."""
    path = folder / FILE
    given = read_marked(path.read_text("utf-8")).data if path.is_file() else {}
    return tuple(
        f"{section}.{part.name}"
        for section, english in SLACK.items()
        for part in fields(english)  # type: ignore[arg-type]
        if part.name not in (given.get(section) or {})
    )


def read_language(tag: str, folder: str, words: Words) -> Language:
    """Return a language; ``folder`` is the name of its folder of templates, empty if it has none."""
    if tag in LIKE_OURS:
        return Language(tag=tag, folder=folder, words=words, formats=EnglishFormats())
    # A region that the CLDR does not have must not stop a mail.
    formats = CldrFormats(tag if is_known(tag) else tag.partition("-")[0])
    return Language(tag=tag, direction=formats.direction, folder=folder, words=words, formats=formats)


def is_language(tag: str) -> bool:
    """Return whether the CLDR has a language of this name, so that a folder of this name is one."""
    return bool(_TAG.fullmatch(tag)) and is_known(tag)


def _english() -> Iterator[tuple[str, Any]]:
    """Return each part of the words of a language by name, as English has it: sections, tables and single settings."""
    english = Words()
    return ((part.name, getattr(english, part.name)) for part in fields(english))


def _broken(path: Path, given: Words) -> Iterator[Mistake]:
    """Yield the phrases that lack a name in braces which the English phrase has, or use another one."""
    sections = ((name, english) for name, english in _english() if is_dataclass(english))
    for section, english in sections:
        said = getattr(given, section)
        for part in fields(english):
            wanted, found = getattr(english, part.name), getattr(said, part.name)
            if not _have_same_names(wanted, found):
                names = _names(_plainest(wanted))
                braces = " and ".join(f"{{{name}}}" for name in names) or "no braces"
                yield _mistake(path, f"{section}.{part.name}", f"it has not the names of the English one ({braces})")


def _have_same_names(wanted: Any, found: Any) -> bool:
    """Return whether a phrase has the names of the English one. A plural form may leave out ``{count}``: "one day"."""
    names: list[str] = _names(_plainest(wanted))
    if not isinstance(found, Counted):
        return bool(names == _names(found))
    forms = [form for part in fields(found) if (form := getattr(found, part.name))]
    rest = [name for name in names if name != "count"]
    return all(_names(form) in (names, rest) for form in forms)


def _plainest(phrase: Any) -> str:
    return phrase.other if isinstance(phrase, Counted) else str(phrase)


def _names(phrase: str) -> Any:
    try:
        return sorted(name for _, name, _, _ in Formatter().parse(phrase) if name is not None)
    except ValueError:
        return None


def _mistake(path: Path, field: str, problem: str) -> Mistake:
    return Mistake(file=str(path), line=0, field=field, problem=problem, mend="use each of them once")
