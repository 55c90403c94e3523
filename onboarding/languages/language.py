"""One reader's language: its words, and the forms of its dates, numbers, lists and names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from onboarding.dates.working_time import zone_of
from onboarding.languages.counted import Counted
from onboarding.languages.formats import EnglishFormats, Formats
from onboarding.languages.phrases import Words
from onboarding.model.vocabulary import SurveyKind


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

    def full_name(self, name: str, given: str, family: str) -> str:
        """Return a full name in the order of this language; ``name`` is the CRM's.

        A family name that is not known is taken to be what follows the given name.
        """
        family = family or (name.removeprefix(f"{given} ") if given and name.startswith(f"{given} ") else "")
        if not self.words.family_name_first or not given or not family:
            return name
        return self.say("family_first", family=family, given=given)


ENGLISH = Language(tag="en")
