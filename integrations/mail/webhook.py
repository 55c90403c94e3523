"""What the webhooks of all providers have in common: a body of JSON, its events one by one, a moment, an address."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from onboarding.dates.limits import YEARS
from onboarding.model.identity import mail_address
from onboarding.people.mail_reports import MailReport

AHEAD = timedelta(days=1)
"""How far an event may lie ahead of us: further, and what is told later could never outweigh it. Ours."""

LONGEST_NUMBER = 40
"""Digits of a number that are read as one. Python refuses a document for a number of some thousands; ours."""

WINDOW = timedelta(minutes=5)
"""How far a signed moment may be from now, either way: a replayed webhook is refused after it (R19)."""


class Forged(Exception):
    """Not sent by the provider, or not just now. The message says what did not fit, and no value."""


class Unreadable(Exception):
    """The provider sent it, and it cannot be read. The message names the field."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a post says. ``odd`` tells, without any value, what was wrong with each event that was passed over."""

    reports: tuple[MailReport, ...] = ()
    odd: tuple[str, ...] = ()


def hear(events: Iterable[Any], read: Callable[[Any], MailReport | None], now: datetime) -> Heard:
    """Read each event of a post by itself: one that cannot be read keeps none of the others out, however often the
    provider would send them again. ``read`` answers None for what means nothing to us, and raises Unreadable."""
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
    return Heard(tuple(reports), tuple(odd))


def in_window(text: str, now: datetime) -> None:
    """Refuse a signed moment (seconds since 1970) that is not about now. Raises Forged."""
    try:
        at = datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise Forged("its moment is no number of seconds") from None
    if abs(now - at) > WINDOW:
        raise Forged("its moment is more than five minutes from now")


def parse(body: bytes) -> Any:
    """The JSON of a body. Raises Unreadable for what is none.

    What is odd in one value is left to its event: bytes that are no text (a server's words in a bounce), control
    characters, a number that is too long for one.
    """
    try:
        text = body.decode(json.detect_encoding(body), errors="replace")
        return json.loads(text, strict=False, parse_int=_number)
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def text_of(given: Mapping[str, Any], field: str) -> str:
    """A text or number that must be there. Raises Unreadable."""
    value = given.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise Unreadable(f"{field} is missing")
    text = str(value).strip()[:500]
    if not text.isprintable():
        raise Unreadable(f"{field} holds characters that no id has")
    return text


def address_of(given: Any, field: str) -> str:
    """A mail address in lower case. Raises Unreadable."""
    try:
        return mail_address(str(given)).lower()
    except ValueError:
        raise Unreadable(f"{field} is no mail address") from None


def moment_of(given: Any, field: str) -> datetime:
    """A moment from ISO 8601 or seconds since 1970, in UTC. Raises Unreadable."""
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given, UTC)
        at = datetime.fromisoformat(_six_digits(str(given)))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{field} is no moment") from None


def _six_digits(text: str) -> str:
    """Providers write up to seven digits of a second; Python 3.11 reads six."""
    whole, dot, rest = text.strip().partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{whole}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}" if dot else text.strip()
