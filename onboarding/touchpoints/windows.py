"""When a message may be sent to a person: from when, until when, and on which day within the daily limits.

A person gets at most the playbook's number of mails a day, and after a standstill no burst: overdue mails go out one a
day, the most important first.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from onboarding.dates.working_time import is_open, next_close, next_open, zone_of
from onboarding.model.effect import EffectLine
from onboarding.model.phrases import span_words
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.people.audience import Recipient
from onboarding.shared_plan.own_calls import OWN_CALL
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence
from onboarding.values import dataclass

OVERDUE_AFTER = timedelta(hours=24)
"""A message this long overdue belongs to a backlog. This project's choice."""
WITHOUT_TRACE = frozenset({EffectState.CANCELLED, EffectState.DEAD})
MOMENT = timedelta(seconds=1)
TOO_LATE = "too late: "
"""Prefix of the reason for which a message was cancelled because it expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time in which a message is useful to one person (UTC)."""

    opens_at: datetime
    expires_at: datetime


def opening(context: TouchpointContext, zone: str, country: str | None, at: datetime) -> datetime:
    """Return the first working moment at or after ``at`` in a zone and country."""
    return next_open(at, zone, context.case.calendar(country), context.playbook.pace.hours)


def window(context: TouchpointContext, occurrence: Occurrence, to: Recipient, due_at: datetime | None = None) -> Window:
    """Return the window of a message due at ``due_at`` (default: the occurrence's date) in the recipient's working
    time.

    It ends the step's number of elapsed hours after it opened; if that is outside working hours or their first moment,
    at the end of the next working hours, so that a night or a weekend alone never makes a message too late. A message
    about a call expires when the call begins; if that is before the next working hours, the window is empty.
    """
    opens_at = opening(context, to.zone, to.country, due_at or occurrence.due_at)
    if occurrence.until is not None:
        return Window(opens_at=opens_at, expires_at=occurrence.until)
    expires_at = opens_at + timedelta(hours=occurrence.step.late.send_for_hours)
    calendar, hours = context.case.calendar(to.country), context.playbook.pace.hours
    if not all(is_open(at, to.zone, calendar, hours) for at in (expires_at - MOMENT, expires_at)):
        expires_at = next_close(expires_at, to.zone, calendar, hours)
    return Window(opens_at=opens_at, expires_at=expires_at)


def lateness(context: TouchpointContext, occurrence: Occurrence, opened_at: datetime) -> str:
    """Return how late a message is, in words: ``12 days late; sent until 5 days after it was due``."""
    if occurrence.until is not None:
        return "the call begins before anybody could read it in working hours"
    until = span_words(timedelta(hours=occurrence.step.late.send_for_hours))
    return f"{span_words(context.now - opened_at)} late; sent until {until} after it was due"


class MailCounts:
    """Mail counts of each address, and of the account, by the recipients' local days; grows as mails are placed.

    The account's other onboardings are counted too. When mail is sent, the caps are checked again over everything.
    """

    def __init__(self, context: TouchpointContext, lines: Iterable[EffectLine]) -> None:
        self._context = context
        self._mails: Counter[tuple[str, date]] = Counter()
        self._account: Counter[date] = Counter()
        for other in context.case.elsewhere:
            self.note(other.address, context.zone_of_reader(other.person_id), other.at)
        for line in lines:
            if line.channel is Channel.MAIL and line.kind != OWN_CALL and line.state not in WITHOUT_TRACE:
                self.note(line.recipient, context.zone_of_reader(line.person_id), line.sent_at or line.due_at)

    def note(self, address: str, zone: str, at: datetime) -> None:
        """Count a mail on the recipient's local day."""
        day = at.astimezone(zone_of(zone)).date()
        self._mails[address.lower(), day] += 1
        self._account[day] += 1

    def slot(self, occurrence: Occurrence, to: Recipient, at: datetime, opened_at: datetime) -> datetime:
        """Return the first working moment at or after ``at`` on a day with room for one more mail to this person.

        ``opened_at`` is when it should have been sent: a mail of the backlog only takes a day without any other mail.
        An invitation to a call always has room, because people wait for it.
        """
        context = self._context
        if occurrence.until is not None:
            return opening(context, to.zone, to.country, at)
        fresh_until = max(opened_at, context.progress.opened_at) + OVERDUE_AFTER
        allowed = 1 if fresh_until < context.now else context.playbook.pace.mails_per_person_and_day
        zone = zone_of(to.zone)
        while True:
            at = opening(context, to.zone, to.country, at)
            day = at.astimezone(zone).date()
            room = self._account[day] < context.playbook.pace.mails_per_account_and_day
            if room and self._mails[to.address.lower(), day] < allowed:
                return at
            at = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
