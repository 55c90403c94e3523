"""How long a provider asks to wait, from the headers of its response."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return ``Retry-After`` in seconds or as a date, else the reset of a rate limit, as seconds; None if there is no
    readable header. A date counts from the response's own ``Date`` header, because the local clock may be wrong;
    without that header a date is ignored."""
    now = _moment(headers.get("date"))
    asked = headers.get("retry-after", "").strip()
    seconds = _number(asked)
    if seconds is None and now is not None and (until := _moment(asked)) is not None:
        seconds = (until - now).total_seconds()
    if seconds is None:
        seconds = _number(headers.get("ratelimit-reset", ""))
    if seconds is None and now is not None and (reset := _number(headers.get("x-ratelimit-reset", ""))) is not None:
        seconds = reset - now.timestamp()
    return max(0.0, seconds) if seconds is not None else None


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 20 else None


def _moment(text: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
