"""Parsing shared by the webhooks of all providers: the JSON body, its events one by one, times and addresses."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from onboarding.dates.limits import YEARS
from onboarding.model.identity import mail_address
from onboarding.people.mail_reports import MailReport

AHEAD = timedelta(days=1)
"""How far in the future an event may be: further, and later events could never supersede it. This project's choice."""

LONGEST_NUMBER = 40
"""Digits up to which a number is parsed as one; Python refuses some thousands. This project's choice."""

WINDOW = timedelta(minutes=5)
"""How far a signed time may be from now, either way: a webhook replayed later is refused (R19)."""


class Forged(Exception):
    """Not sent by the provider, or not just now. The message says what does not match, without values."""


class Unreadable(Exception):
    """Sent by the provider, but unreadable. The message names the field."""


@dataclass(frozen=True, slots=True)
class HookReports:
    """The content of a request. ``odd`` says, without values, what was wrong with each event that was skipped."""

    reports: tuple[MailReport, ...] = ()
    odd: tuple[str, ...] = ()


def read_events(events: Iterable[Any], read: Callable[[Any], MailReport | None], now: datetime) -> HookReports:
    """Return the reports of a request, read event by event: an unreadable event is skipped and does not keep out the
    others. ``read`` returns None for events of no interest, and raises Unreadable."""
    reports, odd = [], []
    for one in events:
        try:
            report = read(one)
            if report is not None and not (report.at.year in YEARS and report.at <= now + AHEAD):
                raise Unreadable("its moment is too far from now")
        except Unreadable as error:
            odd.append(str(error))
        else:
            reports += [report] if report is not None else []
    return HookReports(tuple(reports), tuple(odd))


def in_window(text: str, now: datetime) -> None:
    """Raise Forged for a signed time (seconds since 1970) that is not close to now."""
    try:
        at = datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise Forged("its moment is no number of seconds") from None
    if abs(now - at) > WINDOW:
        raise Forged("its moment is more than five minutes from now")


def parse(body: bytes) -> Any:
    """Return the JSON of a body. Raise Unreadable if it is not JSON.

    Oddities of a single value are left to its event: bytes that are not text (a server's reply in a bounce), control
    characters, or a number with too many digits.
    """
    try:
        text = body.decode(json.detect_encoding(body), errors="replace")
        return json.loads(text, strict=False, parse_int=_number)
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def text_of(given: Mapping[str, Any], field: str) -> str:
    """Return a required text or number as text. Raise Unreadable."""
    value = given.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise Unreadable(f"{field} is missing")
    text = str(value).strip()[:500]
    if not text.isprintable():
        raise Unreadable(f"{field} holds characters that no id has")
    return text


def address_of(given: Any, field: str) -> str:
    """Return a mail address in lower case. Raise Unreadable."""
    try:
        return mail_address(str(given)).lower()
    except ValueError:
        raise Unreadable(f"{field} is no mail address") from None


def moment_of(given: Any, field: str) -> datetime:
    """Return a moment from ISO 8601 or seconds since 1970, in UTC. Raise Unreadable."""
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given, UTC)
        at = datetime.fromisoformat(_six_digits(str(given)))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{field} is no moment") from None


def _six_digits(text: str) -> str:
    """Return the text with six digits of a second, which is what Python 3.11 parses; providers write up to seven."""
    whole, dot, rest = text.strip().partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{whole}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}" if dot else text.strip()
