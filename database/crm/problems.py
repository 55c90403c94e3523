"""Records that could not be read and were set aside: reported once when new or changed, ended once mended."""

from collections.abc import Collection, Iterable
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from database.statements import chunks, replace_rows
from database.tables import SetAsideRow, columns
from database.turns import Turn, take_turn
from onboarding.model.crm_records import Problem

_KEY = ("source", "record", "field", "problem")


def note_problems(
    conn: Connection,
    problems: Iterable[Problem],
    at: datetime,
    sources: Collection[str],
    looked_at: Collection[str] | None = None,
    *,
    references: bool = False,
) -> tuple[Problem, ...]:
    """Store what was set aside in a reading of ``sources``; return the problems that are new.

    A problem of a record that was ``looked_at`` (None: all records, a whole reading) and that is missing now is
    mended. ``references``: the problems are references that lead nowhere, which are compared apart from all others.
    Safe to repeat. A problem that comes back is new again.
    """
    found = dict.fromkeys(problems)
    names = sorted({*sources, *(problem.source for problem in found)})
    query = select(*columns(SetAsideRow, *_KEY)).where(SetAsideRow.source.in_(names), SetAsideRow.gone_at.is_(None))
    known = {problem for row in conn.execute(query) if (problem := _problem(row)).is_reference is references}
    fresh = tuple(problem for problem in found if problem not in known)
    rows = [
        dict(zip(_KEY, astuple(problem), strict=True))
        | {"first_seen_at": at, "seen_at": at, "told_at": None, "gone_at": None}
        for problem in fresh
    ]
    for part in chunks(rows):
        replace_rows(conn, SetAsideRow, part)
    judged = [problem for problem in known if looked_at is None or problem.record in looked_at]
    _stamp(conn, [problem for problem in judged if problem not in found], gone_at=at)
    _stamp(conn, [problem for problem in known if problem in found], seen_at=at)
    return fresh


def untold(conn: Connection) -> tuple[Problem, ...]:
    """Return the open problems that have not been reported yet, for the one transaction that may report them now."""
    if not _read(conn, told_too=False):
        return ()
    take_turn(conn, Turn.PROBLEMS)
    return _read(conn, told_too=False)


def mark_told(conn: Connection, problems: Iterable[Problem], at: datetime) -> None:
    """Store that these were reported. Safe to repeat."""
    _stamp(conn, list(problems), told_at=at)


def open_problems(conn: Connection) -> tuple[Problem, ...]:
    """Return all problems that are open now."""
    return _read(conn, told_too=True)


def _read(conn: Connection, *, told_too: bool) -> tuple[Problem, ...]:
    query = select(*columns(SetAsideRow, *_KEY)).where(SetAsideRow.gone_at.is_(None))
    if not told_too:
        query = query.where(SetAsideRow.told_at.is_(None))
    return tuple(_problem(row) for row in conn.execute(query.order_by(*columns(SetAsideRow, *_KEY))))


def _problem(row: Any) -> Problem:
    return Problem(source=row.source, record=row.record, field=row.field, problem=row.problem)


def _stamp(conn: Connection, problems: list[Problem], **moment: datetime) -> None:
    if not problems:
        return
    statement = update(SetAsideRow).values(**moment)
    for column in columns(SetAsideRow, *_KEY):
        statement = statement.where(column == bindparam(f"the_{column.name}"))
    keys = [f"the_{name}" for name in _KEY]
    conn.execute(statement, [dict(zip(keys, astuple(problem), strict=True)) for problem in problems])
