"""Product usage of a batch of accounts up to a moment, summed by the database."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, null, or_, select

from database import key_values
from database.tables import FactRow, OnboardingRow, OwnerRow, SignalRow
from onboarding.model.crm_records import ANY_ACCOUNT
from onboarding.model.parties import Account
from onboarding.model.reports import CORRECTIONS
from onboarding.model.usage import Event, OwnUse, SignalUse, Usage

FIRST_EVENTS = 50
"""How many events of a signal a case holds; no detection of a playbook may need more."""


def read(
    conn: Connection, accounts: Mapping[str, Account], now: datetime, corrected: Collection[str] = ()
) -> tuple[Mapping[str, Usage], Usage]:
    """Return usage by account as it was at ``now`` (UTC), and the usage of an account without any event.

    Two statements over one covering index, and a third for the accounts of ``corrected``, those in whose onboardings a
    person took a milestone back. Of events dated ahead of ``now`` only the first moment is given. What our own people
    did is listed apart and counts nowhere else. ``users`` counts distinct named users.
    """
    kept = key_values.read_all(conn, (key_values.SIGNALS, key_values.UNREADABLE, key_values.OUR_PEOPLE))
    source = kept.get(key_values.SIGNALS)
    quiet = Usage(known=source is not None, read_at=source.at if source else None)
    ours = own_people(kept.get(key_values.OUR_PEOPLE))
    events = _first_events(conn, _used(accounts, now, ours))
    anew = _first_events(conn, _used_after_corrections(corrected, now, ours)) if corrected else {}
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
                events=events[account_id, name][None],
                after={since: found for since, found in anew.get((account_id, name), {}).items() if since},
            )
        )
    unread = _unread(accounts.values(), kept.get(key_values.UNREADABLE))
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
    past = SignalRow.at <= now
    by_us = case((ours, 1), else_=0).label("by_us")
    return (
        select(
            SignalRow.account_id,
            SignalRow.name,
            by_us,
            func.sum(case((past, SignalRow.count))),
            func.count(case((past, func.nullif(SignalRow.user, ""))).distinct()),
            func.min(case((past, SignalRow.at))),
            func.max(case((past, SignalRow.at))),
            func.min(case((~past, SignalRow.at))),
        )
        .where(SignalRow.account_id.in_(sorted(accounts)))
        .group_by(SignalRow.account_id, SignalRow.name, by_us)
        .order_by(SignalRow.account_id, SignalRow.name)
    )


def own_people(kept: key_values.KeyValue | None) -> ColumnElement[bool]:
    """Return the condition that an event is of our own people: users of the CRM, the team file or our domains."""
    told: Mapping[str, Any] = json.loads(kept.value) if kept else {}
    user = SignalRow.user
    return or_(
        user.in_(select(OwnerRow.email)),
        *(user == address for address in told.get("addresses", [])),
        *(or_(user.like(f"%@{domain}"), user.like(f"%@%.{domain}")) for domain in told.get("domains", [])),
    )


def _unread(accounts: Iterable[Account], kept: key_values.KeyValue | None) -> Mapping[str, datetime]:
    """Return by account when usage last came that could not be read."""
    told: Mapping[str, str] = json.loads(kept.value) if kept else {}
    if not told:
        return {}
    moments = {name: datetime.fromisoformat(at) for name, at in told.items()}
    names = {one.id: (one.id, one.domain or "", ANY_ACCOUNT) for one in accounts}
    found = {account: [moments[name] for name in known if name in moments] for account, known in names.items()}
    return {account: max(times) for account, times in found.items() if times}


def _used(accounts: Iterable[str], now: datetime, ours: ColumnElement[bool]) -> Select[Any]:
    """Select what the customers' people did by ``now``."""
    return select(
        SignalRow.account_id, SignalRow.name, SignalRow.at, SignalRow.user, SignalRow.count, null().label("since")
    ).where(SignalRow.account_id.in_(sorted(accounts)), SignalRow.at <= now, ~ours)


def _used_after_corrections(accounts: Iterable[str], now: datetime, ours: ColumnElement[bool]) -> Select[Any]:
    """Select the same after each moment at which a person took a milestone of the account back or waived one."""
    corrected = (
        select(OnboardingRow.account_id, FactRow.learned_at.label("since"))
        .join(FactRow, FactRow.onboarding_key == OnboardingRow.key)
        .where(OnboardingRow.account_id.in_(sorted(accounts)), FactRow.kind.in_(sorted(CORRECTIONS)))
        .distinct()
        .subquery()
    )
    used = _used(accounts, now, ours).with_only_columns(
        SignalRow.account_id, SignalRow.name, SignalRow.at, SignalRow.user, SignalRow.count, corrected.c.since
    )
    return used.join(corrected, corrected.c.account_id == SignalRow.account_id).where(SignalRow.at > corrected.c.since)


def _first_events(
    conn: Connection, used: Select[Any]
) -> Mapping[tuple[str, str], Mapping[datetime | None, tuple[Event, ...]]]:
    """Return the first events, and the first event of each user, by account, signal and moment from which they are
    counted: what dates a threshold of events or of users."""
    of = used.subquery()
    apart = [of.c.account_id, of.c.name, of.c.since]
    in_time = [of.c.at, of.c.user, of.c.count]
    nth = func.row_number().over(partition_by=[*apart, of.c.user], order_by=in_time)
    numbered = select(*apart, *in_time, nth.label("nth")).subquery().c
    apart = [numbered.account_id, numbered.name, numbered.since]
    in_order = [numbered.at, numbered.user, numbered.count]
    ranked = select(
        *apart,
        *in_order,
        func.row_number().over(partition_by=apart, order_by=in_order).label("place"),
        func.row_number().over(partition_by=apart, order_by=[numbered.nth, *in_order]).label("user_place"),
    ).subquery()
    first = or_(ranked.c.place <= FIRST_EVENTS, ranked.c.user_place <= FIRST_EVENTS)
    found: defaultdict[tuple[str, str], defaultdict[datetime | None, list[Event]]]
    found = defaultdict(lambda: defaultdict(list))
    in_place = select(ranked).where(first).order_by(ranked.c.place)
    for account_id, name, since, at, user, count, *_ in conn.execute(in_place):
        found[account_id, name][since].append((at, user, count))
    return {key: {since: tuple(events) for since, events in some.items()} for key, some in found.items()}
