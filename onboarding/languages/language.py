"""One reader's language: its words, and the forms of its dates, numbers, lists and names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from onboarding.dates.wording import retold
from onboarding.dates.working_time import zone_of
from onboarding.languages.formats import EnglishFormats, Formats
from onboarding.languages.phrases import Words
from onboarding.model.schedule import Written
from onboarding.model.vocabulary import Stage, SurveyKind
from onboarding.sentences.catalogue import BLOCKERS_TABLE, phrase_of
from onboarding.sentences.catalogue import ENGLISH as SECTIONS
from onboarding.sentences.counted import Counted
from onboarding.sentences.sentence import BEGUN, PATTERN, PLAYBOOK, WITHIN, NearDay, Sentence, Short, Value, fill_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language as mails and pages use it."""

    tag: str
    """By BCP 47, such as ``de`` or ``de-AT``."""
    direction: Literal["ltr", "rtl"] = "ltr"
    folder: str = ""
    """The folder of its templates and words; empty for those that are in no folder of a language."""
    words: Words = field(default_factory=Words)
    formats: Formats = field(default_factory=EnglishFormats)

    def say(self, phrase: str, **values: str) -> str:
        """Return a phrase (``onboarding.languages.phrases.Phrases``) with its values."""
        return str(getattr(self.words.phrases, phrase)).format(**values)

    def count(self, phrase: Counted, count: int, **values: str) -> str:
        """Return a phrase with a count, in the plural form that the language has for it, and with its other values."""
        return phrase.of(self.formats.plural(count)).format(count=self.formats.number(count), **values)

    def quoted(self, text: str) -> str:
        """Return a text of the playbook, or a name, in quotation marks."""
        return self.words.plan.quoted.format(title=self.text(text))

    def begun(self, text: str) -> str:
        """Return words as they begin a sentence."""
        return text[:1].upper() + text[1:]

    def text(self, text: str) -> str:
        """Return a text of the playbook in this language; as it stands there if it is not translated."""
        return self.words.texts.get(text, text)

    def inside(self, text: str) -> str:
        """Return a title as it stands inside a sentence."""
        said = self.text(text)
        return said if self.words.nouns_in_capitals else said[:1].lower() + said[1:]

    def day(self, day: date | None) -> str:
        """Return ``3 March 2026``; empty for None."""
        return self.formats.day(day) if day else ""

    def weekday_in(self, at: datetime, zone: str) -> str:
        """Return the day of a moment in a zone as ``Thursday 5 March 2026``."""
        return self.formats.weekday(at.astimezone(zone_of(zone)).date())

    def meeting(self, at: datetime, zone: str) -> str:
        """Return a moment as ``Thursday 5 March 2026 at 10:00 (Berlin time)``."""
        here = at.astimezone(zone_of(zone))
        return self.say(
            "meeting", day=self.formats.weekday(here.date()), time=self.formats.time(here), zone=self.zone(zone)
        )

    def zone(self, zone: str) -> str:
        """Return ``Berlin time`` for ``Europe/Berlin``; ``UTC`` if the zone names no place."""
        city = self.formats.city(zone)
        return self.say("zone", city=city) if city else "UTC"

    def due(self, due: date | None, today: date) -> str:
        """Return ``by 12 March 2026``, ``due today`` or ``was due on 3 March 2026``; empty for None."""
        if due is None:
            return ""
        if due == today:
            return self.say("due_today")
        return self.say("due_by" if due > today else "due_over", day=self.day(due))

    def call_title(self, title: str, companies: Iterable[str]) -> str:
        """Return the title of a call in calendars, in which each side finds the other: ``Kickoff: Acme and We``."""
        named = self.formats.listed(name for name in companies if name)
        return self.say("invitation", call=self.text(title), companies=named)

    def question(self, survey: SurveyKind | None) -> str:
        """Return the question of a survey; empty for None."""
        return self.words.questions.get(survey, "") if survey else ""

    def sentence(self, text: str, zone: str | None = None) -> str:
        """Return a sentence in this language, with its moments in a zone (IANA; None for UTC, in long words). Text that
        is no ``Sentence`` stays as it is, but for its moments; a phrase of another version stays English."""
        if not isinstance(text, Sentence):
            return retold(text, zone) if zone else str(text)
        values = {name: self._value(value, zone) for name, value in text.values.items()}
        if text.phrase.startswith(PATTERN):
            return fill_names(text.phrase.removeprefix(PATTERN), values)
        if text.phrase.startswith(PLAYBOOK):
            return fill_names(self.text(text.phrase.removeprefix(PLAYBOOK)), values)
        if text.phrase == BEGUN:
            return self.begun(values["text"])
        if text.phrase == WITHIN:
            return values["text"].rstrip(".")
        try:
            phrase = phrase_of(self._sections, text.phrase)
            if isinstance(phrase, Counted):
                count = text.values.get("count")
                phrase = phrase.of(self.formats.plural(count if isinstance(count, int) else 0))
            return phrase.format(**values)
        except (KeyError, AttributeError):
            return str(text)

    @property
    def _sections(self) -> Mapping[str, Written | Mapping[Any, str]]:
        return {name: getattr(self.words, name) for name in (*SECTIONS, BLOCKERS_TABLE)}

    def _value(self, value: Value, zone: str | None) -> str:
        match value:
            case Stage():
                return self.words.stages[value]
            case str():
                return self.sentence(value, zone)
            case Short(at=at, zone=its):
                return self._moment(at, its) if value.has_time else self._short_day(at, its)
            case NearDay(day=day):
                return self.formats.near_day(day)
            case tuple():
                return self.formats.listed(self._value(one, zone) for one in value)
            case datetime():
                return self._moment(value, zone)
            case date():
                return self.formats.day(value)
            case timedelta():
                return self._span(value)
        return self.formats.number(value)

    def _short_day(self, at: datetime, zone: str) -> str:
        return self.formats.short_day(at.astimezone(zone_of(zone)).date())

    def _moment(self, at: datetime, zone: str | None) -> str:
        there = at.astimezone(zone_of(zone) if zone else UTC)
        day = self.formats.short_day(there.date()) if zone else self.formats.day(there.date())
        return self.words.terms.moment.format(day=day, time=self.formats.time(there)) + ("" if zone else " UTC")

    def _span(self, span: timedelta) -> str:
        hours = max(span, timedelta()) // timedelta(hours=1)
        terms = self.words.terms
        if not hours:
            return terms.span_under_an_hour
        return self.count(terms.span_days, hours // 24) if hours >= 24 else self.count(terms.span_hours, hours)

    def full_name(self, name: str, given: str, family: str) -> str:
        """Return a full name in the order of this language; ``name`` is the CRM's.

        A family name that is not known is taken to be what follows the given name.
        """
        family = family or (name.removeprefix(f"{given} ") if given and name.startswith(f"{given} ") else "")
        if not self.words.family_name_first or not given or not family:
            return name
        return self.say("family_first", family=family, given=given)


ENGLISH = Language(tag="en")
