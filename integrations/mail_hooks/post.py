"""What the webhooks of all providers have in common: a body of JSON, a moment, an address."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from onboarding.identity import mail_address

WINDOW = timedelta(minutes=5)
"""How far a signed moment may be from now, either way (reliability, section 6)."""


class Forged(Exception):
    """Not sent by the provider, or not just now. The message says what did not fit, and no value."""


class Unreadable(Exception):
    """The provider sent it, and it cannot be read. The message names the field."""


def in_window(text: str, now: datetime) -> None:
    """Refuse a signed moment (seconds since 1970) that is not about now. Raises Forged."""
    try:
        at = datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise Forged("its moment is no number of seconds") from None
    if abs(now - at) > WINDOW:
        raise Forged("its moment is more than five minutes from now")


def parse(body: bytes) -> Any:
    """The JSON of a body. Raises Unreadable."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None


def text_of(given: Mapping[str, Any], field: str) -> str:
    """A text or number that must be there. Raises Unreadable."""
    value = given.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise Unreadable(f"{field} is missing")
    return str(value).strip()[:500]


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
