"""Days as a letter names them: those of the account, judged by its reader's today."""

from dataclasses import dataclass
from datetime import date, datetime

from onboarding.dates.working_time import zone_of
from onboarding.messages.letter_dates import due_words
from onboarding.model.phrases import day_words


@dataclass(frozen=True, slots=True)
class Days:
    """The moment of a letter, the account's zone and the reader's.

    A deadline is a day of the account, so that every reader and the CRM name the same one. Whether it is over is said
    by the reader's calendar, which shows another day for a few hours where the two live far apart.
    """

    now: datetime
    account: str
    reader: str

    @property
    def today(self) -> date:
        """The reader's."""
        return self.now.astimezone(zone_of(self.reader)).date()

    def day(self, at: datetime) -> date:
        """The account's day of a moment."""
        return at.astimezone(zone_of(self.account)).date()

    def of(self, at: datetime | None) -> date | None:
        """The same where there is one."""
        return self.day(at) if at else None

    def meeting(self, at: datetime) -> date:
        """The day of a call, which stands in the reader's calendar."""
        return at.astimezone(zone_of(self.reader)).date()

    def words(self, at: datetime | None) -> str:
        """``3 March 2026``, the account's day; empty where there is no moment."""
        return day_words(self.day(at)) if at else ""

    def happened(self, at: datetime | None) -> str:
        """The same of something that has happened, which is never after the reader's today."""
        day = self.of(at)
        return day_words(min(day, self.today)) if day else ""

    def due(self, day: date | None) -> str:
        """``by 12 March 2026``, ``due today`` or ``was due on 3 March 2026``; empty where there is no day."""
        return due_words(day, self.today)

    def is_over(self, day: date | None) -> bool:
        """Whether the day of a deadline is over."""
        return day is not None and day < self.today

    def until(self, day: date) -> int:
        """How many days are left; negative once the day is over."""
        return (day - self.today).days

    def between(self, start: datetime, end: datetime) -> int:
        """How many days lie between two moments, as the account's calendar counts them; never negative."""
        return max((self.day(end) - self.day(start)).days, 0)
