"""Events of product usage: taken in once, matched to an account by its id or its domain."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from database.events import daily
from database.statements import chunks, insert_new
from database.tables import AccountRow, SignalRow
from onboarding.model.usage import SignalRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one reading of the signals changed."""

    new: int
    accounts: frozenset[str]
    """Accounts that got a new event."""
    unmatched: int
    """New events of accounts that the CRM does not have (yet); they are stored and matched later."""


def take_signals(conn: Connection, signals: Iterable[SignalRecord]) -> Taken:
    """Store the events that are new. Safe to repeat: an event's key exists once."""
    new, unmatched, accounts = 0, 0, set()
    for part in chunks(signals):
        daily.take_usage_turn(conn)
        known = _known(conn, [signal.key for signal in part])
        fresh = {signal.key: signal for signal in part if signal.key not in known}
        owners = accounts_named(conn, {signal.account for signal in fresh.values()})
        rows = [
            {
                "key": signal.key,
                "source_account": signal.account,
                "account_id": owners.get(signal.account),
                "name": signal.name,
                "at": signal.at,
                "user": signal.user,
                "count": signal.count,
                "role": signal.role,
            }
            for signal in fresh.values()
        ]
        if insert_new(conn, SignalRow, rows) == len(rows):
            daily.add(conn, (row for row in rows if row["account_id"]))
        else:  # another process stored some of them at the same time
            daily.rebuild(conn, {str(row["account_id"]) for row in rows if row["account_id"]})
        new += len(rows)
        unmatched += sum(row["account_id"] is None for row in rows)
        accounts |= {str(row["account_id"]) for row in rows if row["account_id"]}
    return Taken(new=new, accounts=frozenset(accounts), unmatched=unmatched)


def match_signals(conn: Connection) -> frozenset[str]:
    """Match events that came before their account; return the accounts that got some."""
    waiting = sorted(_unmatched(conn))
    found = accounts_named(conn, waiting)
    if found:
        daily.take_usage_turn(conn)
    for source, account_id in found.items():
        statement = update(SignalRow).where(SignalRow.account_id.is_(None), SignalRow.source_account == source)
        conn.execute(statement.values(account_id=account_id))
    daily.rebuild(conn, set(found.values()))
    return frozenset(found.values())


def ahead_of(conn: Connection, sources: Collection[str], moment: datetime) -> list[tuple[str, str, datetime]]:
    """Return (account id, signal, last event) for events after ``moment`` of the accounts named by ``sources``."""
    accounts = sorted(set(accounts_named(conn, sources).values()))
    query = select(SignalRow.account_id, SignalRow.name, func.max(SignalRow.at)).where(
        SignalRow.account_id.in_(accounts), SignalRow.at > moment
    )
    rows = conn.execute(
        query.group_by(SignalRow.account_id, SignalRow.name).order_by(SignalRow.account_id, SignalRow.name)
    )
    return [(account, name, last) for account, name, last in rows]


def last_heard(conn: Connection, now: datetime, accounts: int, within: timedelta) -> dict[str, datetime]:
    """Return the last events up to ``now`` of so many accounts, those heard of last, by the account's id or, while it
    has none, by the source's name of it; none that is older than the last of all by ``within``. As many short walks
    along the index by time."""
    account = func.coalesce(SignalRow.account_id, SignalRow.source_account).label("account")
    found: dict[str, datetime] = {}
    for _ in range(accounts):
        query = select(SignalRow.at, account).where(SignalRow.at <= now, account.not_in(list(found)))
        if found:
            query = query.where(SignalRow.at > max(found.values()) - within)
        row = conn.execute(query.order_by(SignalRow.at.desc()).limit(1)).first()
        if row is None:
            break
        found[row.account] = row.at
    return found


def count_unmatched(conn: Connection) -> Counter[str]:
    """Count events of accounts that the CRM does not have, by the source's name of the account."""
    return _unmatched(conn)


def _unmatched(conn: Connection) -> Counter[str]:
    query = select(SignalRow.source_account, func.count()).where(SignalRow.account_id.is_(None))
    rows = conn.execute(query.group_by(SignalRow.source_account))
    return Counter(dict(row._tuple() for row in rows))


def _known(conn: Connection, keys: Sequence[str]) -> set[str]:
    return set(conn.execute(select(SignalRow.key).where(SignalRow.key.in_(keys))).scalars())


def accounts_named(conn: Connection, names: Collection[str]) -> dict[str, str]:
    """Return account ids by the source's name (id or domain). A domain that several accounts share matches none."""
    found: dict[str, str] = {}
    for part in chunks(sorted(names)):
        spelt = defaultdict(list)
        for name in part:
            spelt[name.lower()].append(name)
        here = AccountRow.gone_at.is_(None)
        query = select(func.min(AccountRow.id), AccountRow.domain).where(here)
        query = query.where(AccountRow.domain.in_(sorted(spelt))).group_by(AccountRow.domain)
        for account_id, domain in conn.execute(query.having(func.count() == 1)):
            found |= dict.fromkeys(spelt[domain], account_id)
        by_id = conn.execute(select(AccountRow.id).where(AccountRow.id.in_(part), here)).scalars()
        found |= {account_id: account_id for account_id in by_id}
    return found
