"""How long a provider wants to be left alone, from the headers of its answer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """``Retry-After`` in seconds or as a date, else the moment or the seconds of a rate limit's reset; None where it
    says nothing that can be read. A date counts from the answer's own clock, so that ours may be wrong; where the
    answer has none, it says nothing."""
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
