"""When a message may reach somebody: from when, until when, and on which day there is room for it.

Nobody gets more mails on a day of theirs than the playbook allows, and after a standstill nobody gets a
burst: what is overdue goes out one mail a day, the most important first.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from onboarding.dates.working_time import is_open, next_close, next_open, zone_of
from onboarding.model.effect import EffectLine
from onboarding.model.phrases import span_words
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.people.audience import Recipient
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence

OVERDUE_AFTER = timedelta(hours=24)
"""A message so long past its moment is part of a backlog, not of a normal day. Ours."""
WITHOUT_TRACE = frozenset({EffectState.CANCELLED, EffectState.DEAD})
TOO_LATE = "too late: "
"""How the reason begins for which a message was cancelled because its time was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when and until when a message is worth sending to one person (UTC)."""

    opens_at: datetime
    expires_at: datetime


def opening(scene: TouchpointContext, zone: str, country: str | None, at: datetime) -> datetime:
    """The first working moment of somebody at or after ``at``."""
    return next_open(at, zone, scene.case.calendar(country), scene.playbook.pace.hours)


def window(scene: TouchpointContext, occurrence: Occurrence, to: Recipient, due_at: datetime | None = None) -> Window:
    """The window of a message due at ``due_at`` (default: the occurrence's date), in the recipient's working time.

    It ends so many elapsed hours after it opened; where that is outside working hours, at the end of the
    working hours that follow, so that a weekend alone never makes a message too late. What speaks of a call ends with
    the call's beginning; where that is before the next working hours, the window is none.
    """
    opens_at = opening(scene, to.zone, to.country, due_at or occurrence.due_at)
    if occurrence.until is not None:
        return Window(opens_at=opens_at, expires_at=occurrence.until)
    expires_at = opens_at + timedelta(hours=occurrence.step.late.send_for_hours)
    calendar, hours = scene.case.calendar(to.country), scene.playbook.pace.hours
    if not is_open(expires_at, to.zone, calendar, hours):
        expires_at = next_close(expires_at, to.zone, calendar, hours)
    return Window(opens_at=opens_at, expires_at=expires_at)


def lateness(scene: TouchpointContext, occurrence: Occurrence, opened_at: datetime) -> str:
    """How late a message is, in words: ``12 days late; sent until 5 days after it was due``."""
    if occurrence.until is not None:
        return "the call begins before anybody could read it in working hours"
    until = span_words(timedelta(hours=occurrence.step.late.send_for_hours))
    return f"{span_words(scene.now - opened_at)} late; sent until {until} after it was due"


class Diary:
    """How many mails each address, and the account, has on each of its readers' days; grows as mails are placed.

    The account's other onboardings count too; what leaves is counted once more, over everything, when it does.
    """

    def __init__(self, scene: TouchpointContext, lines: Iterable[EffectLine]) -> None:
        self._scene = scene
        self._mails: Counter[tuple[str, date]] = Counter()
        self._account: Counter[date] = Counter()
        for other in scene.case.elsewhere:
            self.note(other.address, scene.zone_of_reader(other.person_id), other.at)
        for line in lines:
            if line.channel is Channel.MAIL and line.state not in WITHOUT_TRACE:
                self.note(line.recipient, scene.zone_of_reader(line.person_id), line.sent_at or line.due_at)

    def note(self, address: str, zone: str, at: datetime) -> None:
        """Count a mail."""
        day = at.astimezone(zone_of(zone)).date()
        self._mails[address.lower(), day] += 1
        self._account[day] += 1

    def slot(self, occurrence: Occurrence, to: Recipient, at: datetime, opened_at: datetime) -> datetime:
        """The first working moment at or after ``at`` on a day with room for one more mail to this person.

        ``opened_at`` is when it should have gone out: a mail of the backlog goes only on a day without any
        other. There is always room for an appointment: people wait for it.
        """
        scene = self._scene
        if occurrence.until is not None:
            return opening(scene, to.zone, to.country, at)
        fresh_until = max(opened_at, scene.progress.opened_at) + OVERDUE_AFTER
        allowed = 1 if fresh_until < scene.now else scene.playbook.pace.mails_per_person_and_day
        zone = zone_of(to.zone)
        while True:
            at = opening(scene, to.zone, to.country, at)
            day = at.astimezone(zone).date()
            room = self._account[day] < scene.playbook.pace.mails_per_account_and_day
            if room and self._mails[to.address.lower(), day] < allowed:
                return at
            at = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
