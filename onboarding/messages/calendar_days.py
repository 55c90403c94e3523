"""Days in a letter: dates in the account's zone, compared with the recipient's today."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from onboarding.dates.working_time import zone_of
from onboarding.languages.language import ENGLISH, Language

TIMES_AHEAD = timedelta(days=120)
"""How far ahead the times are that a text may name. Our choice."""
_GRAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Days:
    """The moment of a letter, the account's zone, and the recipient's zone and language.

    A deadline is a day of the account, so that every recipient and the CRM name the same one. Whether it is over is
    decided by the recipient's calendar, which may differ for a few hours if the two are in distant zones.
    """

    now: datetime
    account: str
    reader: str
    language: Language = ENGLISH

    @property
    def today(self) -> date:
        """Return the recipient's current day."""
        return self.now.astimezone(zone_of(self.reader)).date()

    def day(self, at: datetime) -> date:
        """Return the account's day of a moment."""
        return at.astimezone(zone_of(self.account)).date()

    def of(self, at: datetime | None) -> date | None:
        """Return the account's day of a moment; None for None."""
        return self.day(at) if at else None

    def local(self, at: datetime | None) -> str:
        """Return the recipient's day of a moment in words; empty for None."""
        return self.language.day(self.meeting(at)) if at else ""

    def when(self, at: datetime | None) -> str:
        """Return a moment in the recipient's zone as ``Thursday 5 March 2026 at 10:00 (Berlin time)``; empty for
        None."""
        return self.language.meeting(at, self.reader) if at else ""

    def meeting(self, at: datetime) -> date:
        """Return the day of a call in the recipient's zone, as in the recipient's calendar."""
        return at.astimezone(zone_of(self.reader)).date()

    def words(self, at: datetime | None) -> str:
        """Return the account's day as ``3 March 2026``; empty for None."""
        return self.language.day(self.of(at))

    def happened(self, at: datetime | None) -> str:
        """Return the day of a past event in words, at the latest the recipient's today; empty for None."""
        return self.past(self.of(at))

    def past(self, day: date | None) -> str:
        """Return a past day in words, at the latest the recipient's today; empty for None."""
        return self.language.day(min(day, self.today)) if day else ""

    def due(self, day: date | None) -> str:
        """Return ``by 12 March 2026``, ``due today`` or ``was due on 3 March 2026``; empty for None."""
        return self.language.due(day, self.today)

    def is_over(self, day: date | None) -> bool:
        """Return whether the day of a deadline is over."""
        return day is not None and day < self.today

    def until(self, day: date) -> int:
        """Return the number of days left; negative once the day is over."""
        return (day - self.today).days

    def between(self, start: datetime, end: datetime) -> int:
        """Return the number of days between two moments in the account's calendar; never negative."""
        return max((self.day(end) - self.day(start)).days, 0)

    def times_in(self, text: str) -> dict[str, datetime]:
        """Return by their words the moments ahead (UTC) that a text names as ``when`` does, with or without the zone.

        Each quarter of an hour is tried on the days that the text names.
        """
        found: dict[str, datetime] = {}
        for number in range(TIMES_AHEAD.days):
            start = datetime.combine(self.today + timedelta(days=number), time(), zone_of(self.reader))
            if self.language.weekday_in(start, self.reader) not in text:
                continue
            for quarter in range(timedelta(days=1) // _GRAIN):
                at = (start + quarter * _GRAIN).astimezone(UTC)
                words = self.when(at).partition(" (")[0]
                if at > self.now and words in text:
                    found[words] = at
        return found
