"""Product usage by account, signal, user and day (UTC), summed as events come in.

What is kept of a day (sums, the first and the last moment) is the same in whatever order and parts its events come, so
late and out-of-order events change nothing in the end. An event is added once: ``take_signals`` knows its key.

Transactions that change events or sums take turns, from before their first change of either: sums that were removed and
made anew beside each other would be made twice.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, or_, select

from database.statements import chunks, insert_into, utc_day
from database.tables import SignalDayRow, SignalRow
from database.turns import Turn, take_turn

_KEY = ("account_id", "name", "user", "day")
_COLUMNS = (*_KEY, "count", "events", "first_at", "last_at")


def take_usage_turn(conn: Connection) -> None:
    """Let no other transaction change events or sums before this one ends. Safe to repeat."""
    take_turn(conn, Turn.USAGE)


def add(conn: Connection, events: Iterable[Mapping[str, Any]]) -> None:
    """Add new rows of ``signal`` that have an account to their days, in one statement."""
    days: dict[tuple[str, str, str, str], tuple[Any, ...]] = {}
    for one in events:
        at = one["at"].astimezone(UTC)
        key = (one["account_id"], one["name"], one["user"], at.date().isoformat())
        total, number, first_at, last_at = days.get(key, (0, 0, at, at))
        days[key] = (total + one["count"], number + 1, min(first_at, at), max(last_at, at))
    if not days:
        return
    kept, statement = SignalDayRow, insert_into(conn)(SignalDayRow)
    new = statement.excluded
    changed = {
        "count": kept.count + new.count,
        "events": kept.events + new.events,
        "first_at": case((new.first_at < kept.first_at, new.first_at), else_=kept.first_at),
        "last_at": case((new.last_at > kept.last_at, new.last_at), else_=kept.last_at),
    }
    # In one order everywhere, so that no two writers wait for each other.
    rows = [dict(zip(_COLUMNS, (*key, *days[key]), strict=True)) for key in sorted(days)]
    conn.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=changed), rows)


def take_out(conn: Connection, names: Collection[str]) -> frozenset[str]:
    """Remove the sums of the accounts with a user whose name holds one of these; return these accounts, to rebuild.

    Before events get other users: two users of a day may become one.
    """
    if not names:
        return frozenset()
    theirs = or_(*(SignalDayRow.user.icontains(name, autoescape=True) for name in names))
    found = frozenset(conn.execute(select(SignalDayRow.account_id).where(theirs).distinct()).scalars())
    for part in chunks(sorted(found)):
        conn.execute(delete(SignalDayRow).where(SignalDayRow.account_id.in_(part)))
    return found


def rebuild(conn: Connection, account_ids: Collection[str]) -> None:
    """Sum the events of these accounts anew, after their events changed otherwise than by ``add``. Safe to repeat."""
    if account_ids:
        take_usage_turn(conn)
    day, of = utc_day(conn, SignalRow.at), (SignalRow.account_id, SignalRow.name, SignalRow.user)
    for part in chunks(sorted(account_ids)):
        conn.execute(delete(SignalDayRow).where(SignalDayRow.account_id.in_(part)))
        summed = (
            select(*of, day, func.sum(SignalRow.count), func.count(), func.min(SignalRow.at), func.max(SignalRow.at))
            .where(SignalRow.account_id.in_(part))
            .group_by(*of, day)
        )
        conn.execute(insert(SignalDayRow).from_select(_COLUMNS, summed))
