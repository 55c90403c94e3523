"""Queries: identifiers that are API names, values through the client's own quoting, and lists that fit an address."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote_plus

from simple_salesforce.format import format_soql

MOST_IDS = 400
"""Ids in one list."""
MOST_BYTES = 14_000
"""Of a query in an address, of which Salesforce takes 16,384 bytes with the host and the headers beside it."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}")


def select(fields: Sequence[str], sobject: str, *conditions: str, order: str = "") -> str:
    """A query. ``conditions`` come from the functions below and all hold. Raises ValueError for what is no name."""
    parts = [
        "SELECT",
        ", ".join(name(one) for one in fields),
        "FROM",
        name(sobject),
    ]
    parts += ["WHERE", " AND ".join(conditions)] if conditions else []
    return " ".join([*parts, "ORDER BY", order] if order else parts)


def name(text: str) -> str:
    """An identifier, with dots over relationships. Raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError("is no API name")
    return text


def equals(field: str, value: bool | str) -> str:
    """``field`` says this; text in any case, as Salesforce compares."""
    return f"{name(field)} = {format_soql('{}', value)}"


def among(field: str, values: Sequence[str]) -> str:
    """``field`` says one of these, which must not be none."""
    return f"{name(field)} IN {format_soql('{}', list(values))}"


def since(field: str, moment: datetime) -> str:
    """``field`` is at or after a moment; Salesforce compares whole seconds."""
    return f"{name(field)} >= {format_soql('{}', moment.astimezone(UTC))}"


def from_day(field: str, day: date) -> str:
    """``field``, a date, is this day or later."""
    return f"{name(field)} >= {format_soql('{}', day)}"


def before_day(field: str, day: date) -> str:
    """``field``, a date, is a day before this one."""
    return f"{name(field)} < {format_soql('{}', day)}"


def within(field: str, query: str) -> str:
    """``field`` is found by a query of one id field."""
    return f"{name(field)} IN ({query})"


def in_parts(values: Sequence[str], build: Callable[[Sequence[str]], str]) -> Iterator[str]:
    """The queries that ``build`` makes of parts of a list, each short enough for an address."""
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
