"""Reads the calendars of the vendor's people from their addresses, within a time for all of them."""

import logging
import time
from datetime import datetime

import httpx
from pydantic import SecretStr

from integrations.calendars.days_away import DaysAway, days_away
from integrations.calendars.entries import MOST_BYTES, UnreadableCalendar
from integrations.ports import Unreachable
from integrations.tls import trust

TIMEOUT = httpx.Timeout(10, connect=5)
MOST_SECONDS = 20.0
"""The limit for one calendar, however steadily it arrives. Our choice."""
ALL_SECONDS = 60.0
"""The limit for all calendars of a sweep, so that slow servers delay no sweep for longer. Our choice."""
MEND = "correct calendar: in the team file"


class CalendarReader:
    """Reads calendars one after another. Its time begins with it."""

    def __init__(self) -> None:
        self._until = time.monotonic() + ALL_SECONDS

    @property
    def has_time(self) -> bool:
        """Return whether another calendar may be read; the others wait for the next sweep."""
        return self._until - time.monotonic() >= MOST_SECONDS

    def days_away(self, address: SecretStr, zone: str, now: datetime) -> tuple[DaysAway, ...]:
        """Return the days out of office of the calendar at an address, as ``days_away``. Raise Unreachable, without the
        address, which is a secret."""
        try:
            return days_away(fetch(address), zone, now)
        except UnreadableCalendar as error:
            raise Unreachable(f"the calendar's content cannot be used: {error}; {MEND}") from None


def fetch(address: SecretStr) -> bytes:
    """Return the content of a calendar. Raise Unreachable, without the address."""
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
                    raise Unreachable("the calendar is too large or too slow; publish one of fewer entries")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Unreachable(f"the calendar cannot be read: {type(error).__name__}; it is tried again") from None
    return b"".join(parts)
