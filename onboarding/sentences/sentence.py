"""A sentence that can be said in another language: English text that knows its phrase and its values.

The rules say what they find in English, which is what the journal, the CRM and the command line show. Where such a text
reaches a reader of another language, ``onboarding.languages.language.Language.sentence`` says it anew from the phrase
and the values. Text that is put together without ``sentence`` stays as it is.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeAlias

from onboarding.dates.wording import short_day, short_moment
from onboarding.model.phrases import (
    MONTHS,
    WEEKDAYS,
    day_words,
    list_words,
    moment_words,
    number_words,
    span_words,
    stage_words,
)
from onboarding.model.vocabulary import Stage
from onboarding.sentences.catalogue import ENGLISH, phrase_of
from onboarding.sentences.counted import Counted

PATTERN, PLAYBOOK, BEGUN, WITHIN = "=", ">", "^", "-"
"""How the phrase of a text begins that has no words of its own, and of a text of the playbook; the phrase of words that
begin a sentence, and of a sentence inside another one."""
_NAME = re.compile(r"\{(\w+)\}")


class Short(NamedTuple):
    """A moment that is told in short words in a zone (IANA): its day, or its day and time."""

    at: datetime
    zone: str
    has_time: bool = False


class NearDay(NamedTuple):
    """A day of these months that is told with its weekday: ``Friday, 20 March``."""

    day: date


Value: TypeAlias = "str | float | date | datetime | timedelta | Short | NearDay | tuple[Value, ...]"
"""What stands in a sentence: a text or name, a number, a day, a moment, a span of time, a list."""


class Sentence(str):
    """English text with the key of its phrase, and the values in it. Equal to its text."""

    phrase: str
    values: Mapping[str, Value]

    def __new__(cls, text: str, phrase: str = "", values: Mapping[str, Value] | None = None) -> "Sentence":
        """Return the text with what it was made of."""
        made = super().__new__(cls, text)
        made.phrase, made.values = phrase, values or {}
        return made


def sentence(key: str, /, **values: Value) -> Sentence:
    """Return the sentence of a phrase of the catalogue (``stalls.champion_left``) with its values; one that is told by
    number has ``count``. Raise KeyError or AttributeError for an unknown phrase."""
    phrase = phrase_of(ENGLISH, key)
    form = phrase.of("one" if values.get("count") == 1 else "other") if isinstance(phrase, Counted) else phrase
    return Sentence(form.format(**{name: _english(value) for name, value in values.items()}), key, values)


def pattern(text: str, /, **values: Value) -> Sentence:
    """Return values in a pattern without words, such as ``{account}: {what}``."""
    return Sentence(fill_names(text, {name: _english(one) for name, one in values.items()}), PATTERN + text, values)


def joined(separator: str, items: Iterable[Value]) -> Sentence:
    """Return items one after the other, with what stands between them."""
    named = {f"item{place}": item for place, item in enumerate(items)}
    return pattern(separator.join(f"{{{name}}}" for name in named), **named)


def of_playbook(text: str, /, **names: str) -> Sentence:
    """Return a text of the playbook, which a language's ``texts`` may translate, with names for ``{champion}`` and the
    like."""
    named = {name: value for name, value in names.items() if f"{{{name}}}" in text}
    return Sentence(fill_names(text, named), PLAYBOOK + text, named)


def quoted(title: str) -> Sentence:
    """Return a title of the playbook in quotation marks."""
    return sentence("terms.quoted", text=of_playbook(title))


def begun(text: Sentence) -> Sentence:
    """Return words as they begin a sentence, in every language."""
    return Sentence(text[:1].upper() + text[1:], BEGUN, {"text": text})


def within(text: str) -> str:
    """Return a sentence without its full stop, in every language, to stand inside another one."""
    bare = text.rstrip(".")
    return Sentence(bare, WITHIN, {"text": text}) if isinstance(text, Sentence) else bare


def fill_names(text: str, names: Mapping[str, str]) -> str:
    """Return the text with these names in place of those in braces. Other braces stay as they are, so that a playbook
    cannot read attributes of objects as ``str.format`` would."""
    return _NAME.sub(lambda found: names.get(found[1], found[0]), text)


def _english(value: Value) -> str:
    match value:
        case Stage():
            return stage_words(value)
        case str():
            return str(value)
        case Short():
            return short_moment(value.at, value.zone) if value.has_time else short_day(value.at, value.zone)
        case NearDay(day=day):
            return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]}"
        case tuple():
            return list_words(map(_english, value))
        case datetime():
            return moment_words(value)
        case date():
            return day_words(value)
        case timedelta():
            return span_words(value)
    return number_words(value)
