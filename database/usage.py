"""Product usage of a batch of accounts up to a moment, summed up by the database."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from database import cursors
from database.tables import OWNER, SIGNAL
from onboarding.parties import Account
from onboarding.records import ANY_ACCOUNT
from onboarding.usage import OwnUse, SignalUse, Usage

FIRST_EVENTS = 50
"""How many events of a signal a case carries; no detection of a playbook may ask for more."""


def read(conn: Connection, accounts: Mapping[str, Account], now: datetime) -> tuple[Mapping[str, Usage], Usage]:
    """Usage by account as it was at ``now`` (UTC), and what holds for an account that never showed any.

    Two statements over one covering index. What is dated ahead of ``now`` is kept back: only its moment is told. What
    our own people did stands apart and counts nowhere else. ``users`` counts distinct named users.
    """
    kept = cursors.read_all(conn, (cursors.SIGNALS, cursors.UNREADABLE, cursors.OUR_PEOPLE))
    source = kept.get(cursors.SIGNALS)
    quiet = Usage(known=source is not None, read_at=source.at if source else None)
    ours = _ours(kept.get(cursors.OUR_PEOPLE))
    events = _first_events(conn, accounts, now, ours)
    found: defaultdict[str, list[SignalUse]] = defaultdict(list)
    own: defaultdict[str, list[OwnUse]] = defaultdict(list)
    ahead: dict[str, datetime] = {}
    for account_id, name, by_us, total, users, first_at, last_at, next_at in conn.execute(_totals(accounts, now, ours)):
        if next_at is not None:
            ahead[account_id] = min(next_at, ahead.get(account_id, next_at))
        if total is None:
            continue
        if by_us:
            own[account_id].append(OwnUse(name=name, total=int(total), last_at=last_at))
            continue
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
    unread = _unread(accounts.values(), kept.get(cursors.UNREADABLE))
    return {
        account_id: Usage(
            known=quiet.known,
            read_at=quiet.read_at,
            signals=tuple(found[account_id]),
            ours=tuple(own[account_id]),
            ahead_at=ahead.get(account_id),
            unread_at=unread.get(account_id),
        )
        for account_id in {*found, *own, *ahead, *unread}
    }, quiet


def _totals(accounts: Mapping[str, Account], now: datetime, ours: ColumnElement[bool]) -> Any:
    table, past = SIGNAL.c, SIGNAL.c.at <= now
    by_us = case((ours, 1), else_=0).label("by_us")
    return (
        select(
            table.account_id,
            table.name,
            by_us,
            func.sum(case((past, table.count))),
            func.count(case((past, func.nullif(table.user, ""))).distinct()),
            func.min(case((past, table.at))),
            func.max(case((past, table.at))),
            func.min(case((~past, table.at))),
        )
        .where(table.account_id.in_(sorted(accounts)))
        .group_by(table.account_id, table.name, by_us)
        .order_by(table.account_id, table.name)
    )


def _ours(kept: cursors.Cursor | None) -> ColumnElement[bool]:
    """Whether an event is of one of our own people: a user of the CRM, of the team file, or of one of our domains."""
    told: Mapping[str, Any] = json.loads(kept.value) if kept else {}
    user = SIGNAL.c.user
    return or_(
        user.in_(select(OWNER.c.email)),
        *(user == address for address in told.get("addresses", [])),
        *(or_(user.like(f"%@{domain}"), user.like(f"%@%.{domain}")) for domain in told.get("domains", [])),
    )


def _unread(accounts: Iterable[Account], kept: cursors.Cursor | None) -> Mapping[str, datetime]:
    """When usage came last that could not be read, by account."""
    told: Mapping[str, str] = json.loads(kept.value) if kept else {}
    if not told:
        return {}
    moments = {name: datetime.fromisoformat(at) for name, at in told.items()}
    names = {one.id: (one.id, one.domain or "", ANY_ACCOUNT) for one in accounts}
    found = {account: [moments[name] for name in known if name in moments] for account, known in names.items()}
    return {account: max(times) for account, times in found.items() if times}


def _first_events(
    conn: Connection, accounts: Mapping[str, Account], now: datetime, ours: ColumnElement[bool]
) -> Mapping[tuple[str, str], list[tuple[datetime, str, int]]]:
    """The first events, and the first event of each user: what dates a threshold of events or of users."""
    table = SIGNAL.c
    in_time = [table.at, table.user, table.count]
    nth = func.row_number().over(partition_by=[table.account_id, table.name, table.user], order_by=in_time)
    used = (
        select(table.account_id, table.name, table.at, table.user, table.count, nth.label("nth"))
        .where(table.account_id.in_(sorted(accounts)), table.at <= now, ~ours)
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
