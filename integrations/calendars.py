"""Days out of office from a person's calendar, published at an address in the iCalendar format."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, NamedTuple

import httpx
from pydantic import SecretStr

from integrations.ports import Unreachable
from integrations.tls import trust
from onboarding.dates.working_time import zone_of

TIMEOUT = httpx.Timeout(20, connect=5)
MOST_SECONDS = 40.0
"""The limit for one calendar, however steadily it arrives, so that a slow server delays no sweep. Our choice."""
MOST_BYTES = 4 << 20
"""Far above any calendar of some years. Our choice."""
AHEAD = timedelta(days=400)
"""Later absences are read later. Our choice."""
DAY_BEGINS, DAY_ENDS = clock_time(9), clock_time(17)
"""A timed entry makes a person absent on the days of which it covers this whole span. Our choice."""
OUT_OF_OFFICE = (
    "out of office", "ooo", "vacation", "annual leave", "holiday", "on leave", "sick leave", "parental leave",
    "urlaub", "abwesend", "krank", "congé", "conges", "vacances", "absent", "vacaciones", "ferie", "semester",
)  # fmt: skip
"""The beginnings of titles that say out of office, where the calendar has no mark for it. Our choice."""


class DaysAway(NamedTuple):
    """An entry out of office: the first day away and the first day back, in the person's zone."""

    since: date
    back: date


def read_days_away(address: SecretStr, zone: str, now: datetime) -> tuple[DaysAway, ...]:
    """Return the days out of office of a calendar that are not over at ``now`` (UTC), in order.

    An entry counts if the calendar marks it as out of office or its title begins so, and it covers whole working days.
    Series that repeat do not count. Raise Unreachable, without the address, which is a secret.
    """
    from icalendar import Calendar

    content = _fetch(address)
    try:
        found = {one for event in Calendar.from_ical(content).walk("VEVENT") for one in _days(event, zone)}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise Unreachable("the calendar's content is no iCalendar; correct calendar: in the team file") from None
    today = now.astimezone(zone_of(zone)).date()
    return tuple(sorted(one for one in found if one.back > today and one.since < today + AHEAD))


def _fetch(address: SecretStr) -> bytes:
    for library in ("httpx", "httpcore"):  # they log whole addresses
        logging.getLogger(library).setLevel(logging.WARNING)
    parts: list[bytes] = []
    began = time.monotonic()
    try:
        # Redirects are not followed: they could lead the secret in the address to another host.
        with (
            httpx.Client(timeout=TIMEOUT, verify=trust(), follow_redirects=False) as client,
            client.stream("GET", address.get_secret_value(), headers={"Accept": "text/calendar"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise Unreachable(
                    f"the calendar's server answered {answer.status_code}; correct calendar: in the team file"
                )
            for part in answer.iter_bytes():
                parts.append(part)
                if sum(map(len, parts)) > MOST_BYTES or time.monotonic() - began > MOST_SECONDS:
                    raise Unreachable("the calendar is too large or too slow; publish one of fewer entries")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Unreachable(f"the calendar cannot be read: {type(error).__name__}; it is tried again") from None
    return b"".join(parts)


def _days(event: Any, zone: str) -> Iterator[DaysAway]:
    title = str(event.get("SUMMARY") or "").strip().casefold()
    marked = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS") or "").upper() == "OOF"
    if event.get("RRULE") or str(event.get("STATUS") or "").upper() == "CANCELLED":
        return
    if not marked and not title.startswith(OUT_OF_OFFICE):
        return
    start, end = _limits(event)
    if not isinstance(start, datetime):
        days = DaysAway(start, end)
    else:
        here, there = _local(start, zone), _local(end, zone)
        since = here.date() + timedelta(days=here.time() > DAY_BEGINS)
        days = DaysAway(since, there.date() + timedelta(days=there.time() >= DAY_ENDS))
    if days.since < days.back:
        yield days


def _limits(event: Any) -> tuple[Any, Any]:
    """Return the start and the end, two days or two moments; without an end it is one day, or no time."""
    start = event["DTSTART"].dt
    if "DTEND" in event:
        return start, event["DTEND"].dt
    length = event["DURATION"].dt if "DURATION" in event else timedelta(days=not isinstance(start, datetime))
    return start, start + length


def _local(at: datetime, zone: str) -> datetime:
    """Return the moment in the person's zone; one without a zone is in it already."""
    return at.astimezone(zone_of(zone)) if at.tzinfo else at.replace(tzinfo=UTC)
