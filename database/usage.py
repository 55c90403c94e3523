"""Product usage of a batch of accounts, summed up by the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from database.cursors import SIGNALS
from database.tables import CURSOR, SIGNAL
from onboarding.case import SignalUse, Usage

FIRST_EVENTS = 50
"""How many events of a signal a case carries; no detection of a playbook may ask for more."""


def read(conn: Connection, account_ids: Sequence[str]) -> tuple[Mapping[str, Usage], Usage]:
    """Usage by account, and what holds for an account that never showed any.

    Two statements over one covering index. ``users`` counts distinct named users.
    """
    read_at = conn.execute(select(CURSOR.c.at).where(CURSOR.c.name == SIGNALS)).scalar()
    quiet = Usage(known=read_at is not None, read_at=read_at)
    events = _first_events(conn, account_ids)
    found: defaultdict[str, list[SignalUse]] = defaultdict(list)
    table = SIGNAL.c
    totals = (
        select(
            table.account_id,
            table.name,
            func.sum(table.count),
            func.count(func.nullif(table.user, "").distinct()),
            func.min(table.at),
            func.max(table.at),
        )
        .where(table.account_id.in_(account_ids))
        .group_by(table.account_id, table.name)
        .order_by(table.account_id, table.name)
    )
    for account_id, name, total, users, first_at, last_at in conn.execute(totals).all():
        found[account_id].append(
            SignalUse(
                name=name,
                total=int(total),
                users=users,
                first_at=first_at,
                last_at=last_at,
                events=tuple(events[account_id, name]),
            )
        )
    return {
        account_id: Usage(known=quiet.known, read_at=read_at, signals=tuple(signals))
        for account_id, signals in found.items()
    }, quiet


def _first_events(
    conn: Connection, account_ids: Sequence[str]
) -> Mapping[tuple[str, str], list[tuple[datetime, str, int]]]:
    """The first events, and the first event of each user: what dates a threshold of events or of users."""
    table = SIGNAL.c
    in_time = [table.at, table.user, table.count]
    nth = func.row_number().over(partition_by=[table.account_id, table.name, table.user], order_by=in_time)
    used = (
        select(table.account_id, table.name, table.at, table.user, table.count, nth.label("nth"))
        .where(table.account_id.in_(account_ids))
        .subquery()
    )
    of_signal = [used.c.account_id, used.c.name]
    in_order = [used.c.at, used.c.user, used.c.count]
    ranked = select(
        *of_signal,
        *in_order,
        func.row_number().over(partition_by=of_signal, order_by=in_order).label("place"),
        func.row_number().over(partition_by=of_signal, order_by=[used.c.nth, *in_order]).label("user_place"),
    ).subquery()
    events: defaultdict[tuple[str, str], list[tuple[datetime, str, int]]] = defaultdict(list)
    query = (
        select(ranked.c.account_id, ranked.c.name, ranked.c.at, ranked.c.user, ranked.c.count)
        .where(or_(ranked.c.place <= FIRST_EVENTS, ranked.c.user_place <= FIRST_EVENTS))
        .order_by(ranked.c.account_id, ranked.c.name, ranked.c.place)
    )
    for account_id, name, at, user, count in conn.execute(query).all():
        events[account_id, name].append((at, user, count))
    return events
