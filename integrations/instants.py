"""Parsing of moments as CRMs, product databases and warehouses write them."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from onboarding.dates.limits import OUT_OF_YEARS, in_years

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<minute>\d{2}:\d{2})(?P<second>:\d{2}(?:[.,]\d{1,9})?)?"
    r"\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?|[A-Z_]+(?:/[A-Z0-9_+-]+){1,2})?)?",
    re.IGNORECASE | re.ASCII,
)
_EPOCH = re.compile(r"(?P<whole>\d{9,19})(?:\.(?P<rest>\d{1,9}))?", re.ASCII)
_LONGEST = 64
"""Characters; no accepted format is longer."""
_PER_SECOND = (1, 10**3, 10**6, 10**9)
"""Seconds, milliseconds, microseconds, nanoseconds. Within the accepted years no number fits two of them."""
_START = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str, *, epochs: bool = False) -> datetime:
    """Return a moment in UTC, cut (not rounded) to microseconds.

    ISO 8601 with ``T`` or a blank, up to nine decimals, and a zone as ``Z``, ``UTC``, ``GMT``, ``+00``, ``+0000``,
    ``+00:00`` or an IANA name (of an hour that a zone has twice, the first). A bare date is its start in UTC, and a
    time without a zone is UTC. ``epochs``: also seconds, milliseconds, microseconds or nanoseconds since 1970.
    Raise ValueError, whose message does not repeat the text.
    """
    if len(text) > _LONGEST:
        raise ValueError("is no date")
    try:
        if found := _WRITTEN.fullmatch(text):
            at = _written(found)
        elif epochs and (found := _EPOCH.fullmatch(text)):
            return _counted(found)
        else:
            raise ValueError("is no date")
    except OverflowError:
        raise ValueError("is on no calendar or clock") from None
    if not in_years(at):
        raise ValueError(f"is {OUT_OF_YEARS}")
    return at


def _written(found: re.Match[str]) -> datetime:
    whole, _, decimals = (found["second"] or ":00").replace(",", ".").partition(".")
    zone = found["zone"] or "Z"
    text = f"{found['day']}T{found['minute'] or '00:00'}{whole}.{decimals[:6].ljust(6, '0')}"
    try:
        if "/" in zone:
            return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return datetime.fromisoformat(text + ("Z" if zone[0].isalpha() else zone)).astimezone(UTC)
    except (ValueError, LookupError, OSError):
        raise ValueError("is on no calendar or clock") from None


def _counted(found: re.Match[str]) -> datetime:
    whole, rest = int(found["whole"]), (found["rest"] or "")[:6].ljust(6, "0")
    for per_second in _PER_SECOND:
        micros = (whole * 10**6 + int(rest)) // per_second
        at = _START + timedelta(microseconds=min(micros, 10**16))
        if in_years(at):
            return at
    raise ValueError(f"is {OUT_OF_YEARS}")
