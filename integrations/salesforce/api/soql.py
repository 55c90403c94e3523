"""SOQL queries: checked API names, values quoted by the client library, and lists that fit into a URL."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote_plus

from simple_salesforce.format import format_soql

MOST_IDS = 400
"""Ids in one list."""
MOST_BYTES = 14_000
"""Of a query in a URL; Salesforce allows 16,384 bytes together with the host and the headers."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}")


def select(fields: Sequence[str], sobject: str, *conditions: str, order: str = "") -> str:
    """Return a query. ``conditions`` come from the functions below and are joined by AND. Raise ValueError for an
    invalid name."""
    parts = [
        "SELECT",
        ", ".join(name(one) for one in fields),
        "FROM",
        name(sobject),
    ]
    parts += ["WHERE", " AND ".join(conditions)] if conditions else []
    return " ".join([*parts, "ORDER BY", order] if order else parts)


def name(text: str) -> str:
    """Return an API name, with dots for relationships. Raise ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError("is no API name")
    return text


def equals(field: str, value: bool | str) -> str:
    """Return the condition that ``field`` equals a value; Salesforce compares text without regard to case."""
    return f"{name(field)} = {format_soql('{}', value)}"


def is_set(field: str) -> str:
    """Return the condition that a field has a value."""
    return f"{name(field)} != null"


def among(field: str, values: Sequence[str]) -> str:
    """Return the condition that ``field`` is one of these values, of which there must be at least one."""
    return f"{name(field)} IN {format_soql('{}', list(values))}"


def since(field: str, moment: datetime) -> str:
    """Return the condition that ``field`` is at or after a moment; Salesforce compares whole seconds."""
    return f"{name(field)} >= {format_soql('{}', moment.astimezone(UTC))}"


def from_day(field: str, day: date) -> str:
    """Return the condition that the date ``field`` is this day or later."""
    return f"{name(field)} >= {format_soql('{}', day)}"


def before_day(field: str, day: date) -> str:
    """Return the condition that the date ``field`` is before this day."""
    return f"{name(field)} < {format_soql('{}', day)}"


def within(field: str, query: str) -> str:
    """Return the condition that ``field`` is in the result of a query of one id field."""
    return f"{name(field)} IN ({query})"


def in_parts(values: Sequence[str], build: Callable[[Sequence[str]], str]) -> Iterator[str]:
    """Yield the queries that ``build`` makes of parts of a list, each short enough for a URL."""
    for start in range(0, len(values), MOST_IDS):
        yield from _short_enough(values[start : start + MOST_IDS], build)


def _short_enough(values: Sequence[str], build: Callable[[Sequence[str]], str]) -> Iterator[str]:
    query = build(values)
    if len(quote_plus(query)) <= MOST_BYTES or len(values) == 1:
        yield query
        return
    middle = len(values) // 2
    yield from _short_enough(values[:middle], build)
    yield from _short_enough(values[middle:], build)
