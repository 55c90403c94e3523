"""Reads the calendars of the vendor's people from their addresses, within a time for all of them."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Thread

import httpx
from pydantic import SecretStr

from integrations.calendars.busy import Span, busy_between
from integrations.calendars.days_away import DaysAway, days_away
from integrations.calendars.entries import MOST_BYTES, ParsedCalendar, UnreadableCalendar, parse
from integrations.ports import Unreachable
from integrations.tls import trust

logger = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(10, connect=5)
MOST_SECONDS = 20.0
"""The limit for one calendar, however steadily it arrives. Our choice."""
ALL_SECONDS = 60.0
"""The limit for all calendars of a sweep, so that slow servers delay no sweep for longer. Our choice."""
BUSY_AHEAD = timedelta(days=90)
"""How far busy times are read: farther than calls are offered. Our choice."""
TOO_SLOW = "the calendar is too large or too slow; publish one of fewer entries"
MEND = "correct calendar: in the team file"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRead:
    """What one calendar says."""

    away: tuple[DaysAway, ...]
    busy: tuple[Span, ...] | None
    """From now for ``BUSY_AHEAD``; None where an entry cannot be read, so that it is unknown when its owner is free."""


class CalendarReader:
    """Reads calendars one after another. Its time begins with it."""

    def __init__(self) -> None:
        self._until = time.monotonic() + ALL_SECONDS

    @property
    def has_time(self) -> bool:
        """Return whether another calendar may be read; the others wait for the next sweep."""
        return self._until - time.monotonic() >= MOST_SECONDS

    def read(self, address: SecretStr, zone: str, now: datetime) -> CalendarRead:
        """Return what the calendar at an address says of its owner, who lives in ``zone``. Raise Unreachable, without
        the address, which is a secret."""
        text = fetch(address)
        try:
            calendar = parse(text)
            return CalendarRead(away=days_away(calendar, zone, now), busy=_busy(calendar, zone, now))
        except UnreadableCalendar as error:
            raise Unreachable(f"the calendar's content cannot be used: {error}; {MEND}") from None


def _busy(calendar: ParsedCalendar, zone: str, now: datetime) -> tuple[Span, ...] | None:
    try:
        return busy_between(calendar, now, now + BUSY_AHEAD, zone)
    except UnreadableCalendar as error:
        logger.warning("the busy times of a calendar are not known: %s", error)
        return None


def fetch(address: SecretStr) -> bytes:
    """Return the content of a calendar. Raise Unreachable, without the address.

    It is read in a thread that is left behind where its server goes on sending, byte by byte: the library limits each
    read and not all of them.
    """
    answers = SimpleQueue[bytes | Exception]()

    def run() -> None:
        try:
            answers.put(_fetched(address))
        except Exception as error:
            answers.put(error)

    Thread(target=run, daemon=True).start()
    try:
        found = answers.get(timeout=MOST_SECONDS)
    except Empty:
        raise Unreachable(TOO_SLOW) from None
    if isinstance(found, Exception):
        raise found
    return found


def _fetched(address: SecretStr) -> bytes:
    for library in ("httpx", "httpcore"):  # they log whole addresses
        logging.getLogger(library).setLevel(logging.WARNING)
    parts: list[bytes] = []
    size, began = 0, time.monotonic()
    try:
        # Redirects are not followed: they could lead the secret in the address to another host.
        with (
            httpx.Client(timeout=TIMEOUT, verify=trust(), follow_redirects=False) as client,
            client.stream("GET", address.get_secret_value(), headers={"Accept": "text/calendar"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise Unreachable(f"the calendar's server answered {answer.status_code}; {MEND}")
            for part in answer.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES or time.monotonic() - began > MOST_SECONDS:
                    raise Unreachable(TOO_SLOW)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Unreachable(f"the calendar cannot be read: {type(error).__name__}; it is tried again") from None
    return b"".join(parts)
