"""Product usage of a batch of accounts up to a moment, summed by the database."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from database import key_values
from database.events.dating import events_of, windowed
from database.events.periods import in_period
from database.tables import FactRow, OnboardingRow, OwnerRow, SignalRow
from onboarding.model.parties import Account
from onboarding.model.reports import CORRECTIONS
from onboarding.model.usage import ANY_ACCOUNT, OwnUse, SignalUse, Usage


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose events are read: the column that tells them apart, and the condition on the events."""

    column: InstrumentedAttribute[Any]
    condition: ColumnElement[bool]

    def of(self, query: Select[Any]) -> Select[Any]:
        """Return the query of their events."""
        if self.column is not SignalRow.account_id:
            query = query.join(OnboardingRow, OnboardingRow.account_id == SignalRow.account_id)
        return query.where(self.condition)


def of_accounts(account_ids: Iterable[str]) -> Whose:
    """Return all events of these accounts, by account."""
    return Whose(SignalRow.account_id, SignalRow.account_id.in_(sorted(account_ids)))


def of_onboardings(keys: Iterable[str]) -> Whose:
    """Return the events that count in these onboardings, by onboarding."""
    return Whose(OnboardingRow.key, OnboardingRow.key.in_(sorted(keys)) & in_period())


def read(
    conn: Connection, accounts: Mapping[str, Account], now: datetime, corrected: Collection[str] = ()
) -> tuple[Mapping[str, Usage], Usage]:
    """Return usage by account as it was at ``now`` (UTC), and the usage of an account without any event."""
    return _read(conn, of_accounts(accounts), accounts, now, corrected)


def read_by_period(
    conn: Connection, accounts: Mapping[str, Account], now: datetime, corrected: Collection[str]
) -> Mapping[str, Usage]:
    """Return the same by onboarding, each with the events of its own time; ``accounts`` is by onboarding too.

    For onboardings of a customer that had several: what was used in one proves nothing in another.
    """
    return _read(conn, of_onboardings(accounts), accounts, now, corrected)[0] if accounts else {}


def _read(
    conn: Connection, whose: Whose, accounts: Mapping[str, Account], now: datetime, corrected: Collection[str]
) -> tuple[Mapping[str, Usage], Usage]:
    """Return usage by ``whose`` column, the key of ``accounts``, and the usage of one without any event.

    Two statements over one covering index, and a third for the accounts of ``corrected``, those in whose onboardings a
    person took a milestone back. Of events dated ahead of ``now`` only the first moment is given. What our own people
    did is listed apart and counts nowhere else. ``users`` counts distinct named users.
    """
    kept = key_values.read_all(
        conn, (key_values.SIGNALS, key_values.UNREADABLE, key_values.OUR_PEOPLE, key_values.HEARD)
    )
    source = kept.get(key_values.SIGNALS)
    heard = kept.get(key_values.HEARD)
    heard_at = datetime.fromisoformat(heard.value) if heard and heard.value else None
    quiet = Usage(known=source is not None, read_at=source.at if source else None, heard_at=heard_at)
    ours = own_people(kept.get(key_values.OUR_PEOPLE))
    within = windowed(conn, {one.id for one in accounts.values()})
    events = events_of(conn, _used(whose, now, ours), within)
    anew = events_of(conn, _used_after_corrections(whose, corrected, now, ours), within) if corrected else {}
    found: defaultdict[str, list[SignalUse]] = defaultdict(list)
    own: defaultdict[str, list[OwnUse]] = defaultdict(list)
    ahead: dict[str, datetime] = {}
    for key, name, by_us, total, users, first_at, last_at, next_at in conn.execute(_totals(whose, now, ours)):
        if next_at is not None:
            ahead[key] = min(next_at, ahead.get(key, next_at))
        if total is None:
            continue
        if by_us:
            own[key].append(OwnUse(name=name, total=int(total), last_at=last_at))
            continue
        found[key].append(
            SignalUse(
                name=name,
                total=int(total),
                users=users,
                first_at=first_at,
                last_at=last_at,
                events=events[key, name][None],
                after={since: found for since, found in anew.get((key, name), {}).items() if since},
            )
        )
    unread = _unread(accounts, kept.get(key_values.UNREADABLE))
    return {
        key: Usage(
            known=quiet.known,
            read_at=quiet.read_at,
            signals=tuple(found[key]),
            ours=tuple(own[key]),
            ahead_at=ahead.get(key),
            unread_at=unread.get(key),
            heard_at=heard_at,
        )
        for key in {*found, *own, *ahead, *unread}
    }, quiet


def _totals(whose: Whose, now: datetime, ours: ColumnElement[bool]) -> Any:
    past = SignalRow.at <= now
    by_us = case((ours, 1), else_=0).label("by_us")
    return (
        whose.of(
            select(
                whose.column.label("whose"),
                SignalRow.name,
                by_us,
                func.sum(case((past, SignalRow.count))),
                func.count(case((past, func.nullif(SignalRow.user, ""))).distinct()),
                func.min(case((past, SignalRow.at))),
                func.max(case((past, SignalRow.at))),
                func.min(case((~past, SignalRow.at))),
            ).select_from(SignalRow)
        )
        .group_by(whose.column, SignalRow.name, by_us)
        .order_by(whose.column, SignalRow.name)
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


def _unread(accounts: Mapping[str, Account], kept: key_values.KeyValue | None) -> Mapping[str, datetime]:
    """Return by the key of ``accounts`` when usage last came that could not be read."""
    told: Mapping[str, str] = json.loads(kept.value) if kept else {}
    if not told:
        return {}
    moments = {name: datetime.fromisoformat(at) for name, at in told.items()}
    names = {key: (one.id, one.domain or "", ANY_ACCOUNT) for key, one in accounts.items()}
    found = {key: [moments[name] for name in known if name in moments] for key, known in names.items()}
    return {key: max(times) for key, times in found.items() if times}


def _used(whose: Whose, now: datetime, ours: ColumnElement[bool]) -> Select[Any]:
    """Select what the customers' people did by ``now``."""
    columns = (whose.column.label("whose"), SignalRow.name, SignalRow.at, SignalRow.user, SignalRow.count)
    return whose.of(select(*columns, null().label("since")).select_from(SignalRow)).where(SignalRow.at <= now, ~ours)


def _used_after_corrections(
    whose: Whose, accounts: Iterable[str], now: datetime, ours: ColumnElement[bool]
) -> Select[Any]:
    """Select the same after each moment at which a person took a milestone of the account back or waived one."""
    corrected = (
        select(OnboardingRow.account_id, FactRow.learned_at.label("since"))
        .join(FactRow, FactRow.onboarding_key == OnboardingRow.key)
        .where(OnboardingRow.account_id.in_(sorted(accounts)), FactRow.kind.in_(sorted(CORRECTIONS)))
        .distinct()
        .subquery()
    )
    columns = (whose.column.label("whose"), SignalRow.name, SignalRow.at, SignalRow.user, SignalRow.count)
    used = _used(whose, now, ours).with_only_columns(*columns, corrected.c.since)
    used = used.where(SignalRow.account_id.in_(sorted(accounts)))
    return used.join(corrected, corrected.c.account_id == SignalRow.account_id).where(SignalRow.at > corrected.c.since)
