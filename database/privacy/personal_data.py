"""Searches and rewrites every text column of every table, so that a new column cannot be left out by mistake."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    Text,
    and_,
    cast,
    or_,
    select,
    true,
    update,
)

from database.tables import metadata
from onboarding.privacy.personal_data import Traces

OWN_RECORDS = frozenset({"account", "person", "owner", "playbook"})
"""Tables in which a name belongs to another person of that name, or to a company."""


def rewrite(conn: Connection, traces: Traces, keys: Collection[str], accounts: Collection[str]) -> int:
    """Replace a person in all texts; return how many values changed. Safe to repeat.

    Ids and addresses are replaced everywhere, names where they can only mean this person: in rows of these onboardings
    and accounts, or of none.
    """
    changed = 0
    for table in metadata.sorted_tables:
        own = _theirs(table, keys, accounts)
        for names in (False, True):
            if not names or own is not None:
                changed += _rewrite(
                    conn, table, traces, names=names, where=own if names and own is not None else true()
                )
    return changed


def count(conn: Connection, traces: Traces, keys: Collection[str], accounts: Collection[str]) -> dict[str, int]:
    """Return how often the person is found, by ``table.column``; names count where they mean this person."""
    found: dict[str, int] = {}
    for table in metadata.sorted_tables:
        own = _theirs(table, keys, accounts)
        for names, where in ((False, true()), (True, own)):
            if where is not None:
                only = Traces(tokens={}, names=traces.names) if names else Traces(tokens=traces.tokens)
                _count(conn, table, only, names=names, where=where, into=found)
    return found


def count_namesakes(
    conn: Connection, traces: Traces, keys: Collection[str], accounts: Collection[str]
) -> dict[str, int]:
    """Return by ``table.column`` how often the same name means another person: at other accounts, in own records."""
    everywhere: dict[str, int] = {}
    only = Traces(tokens={}, names=traces.names)
    for table in metadata.sorted_tables:
        others = table.c.id.not_in(traces.tokens) if table.name == "person" else true()
        _count(conn, table, only, names=True, where=others, into=everywhere)
    mine = count(conn, only, keys, accounts)
    left = {place: number - mine.get(place, 0) for place, number in everywhere.items()}
    return {place: number for place, number in left.items() if number}


def _rewrite(conn: Connection, table: Table, traces: Traces, *, names: bool, where: ColumnElement[bool]) -> int:
    changed = 0
    columns = _texts(table)
    for row in _rows(conn, table, columns, traces.hints(names=names), where):
        values = row._mapping
        news = {c.name: traces.replaced_in(values[c.name], names=names) for c in columns}
        news = {name: value for name, value in news.items() if value != values[name]}
        if news:
            this_row = and_(*(c == values[c.name] for c in table.primary_key.columns))
            conn.execute(update(table).where(this_row).values(news))
            changed += len(news)
    return changed


def _count(
    conn: Connection, table: Table, traces: Traces, *, names: bool, where: ColumnElement[bool], into: dict[str, int]
) -> None:
    columns = _texts(table)
    for row in _rows(conn, table, columns, traces.hints(names=names), where):
        for column in columns:
            value = row._mapping[column.name]
            number = 0 if value is None else traces.counted(value, names=names)
            if number:
                place = f"{table.name}.{column.name}"
                into[place] = into.get(place, 0) + number


def _rows(
    conn: Connection, table: Table, columns: Sequence[Column[Any]], hints: Collection[str], where: ColumnElement[bool]
) -> Iterator[Any]:
    """Return the rows that contain one of the hints; all are read before the first is changed."""
    if not hints or not columns:
        return iter(())
    somewhere = or_(*(cast(c, Text).icontains(hint, autoescape=True) for c in columns for hint in hints))
    keys = [c for c in table.primary_key.columns if c not in columns]
    return iter(conn.execute(select(*keys, *columns).where(somewhere, where)).all())


def _texts(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, String | JSON)]


def _theirs(table: Table, keys: Collection[str], accounts: Collection[str]) -> ColumnElement[bool] | None:
    """Return the condition of rows in which a name means this person; None for tables in which it never does."""
    if table.name in OWN_RECORDS:
        return None
    known: dict[str, Callable[[], ColumnElement[bool]]] = {
        "onboarding_key": lambda: table.c.onboarding_key.in_(keys) | table.c.onboarding_key.is_(None),
        "account_id": lambda: table.c.account_id.in_(accounts) | table.c.account_id.is_(None),
    }
    if table.name == "onboarding":
        return table.c.key.in_(keys)
    if table.name == "deal":
        return known["account_id"]()
    return next((known[name]() for name in known if name in table.columns), true())
