"""The CRM rows that we write, as last written or read: the base of the three-way comparison."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, literal_column, or_, select, update

from database.statements import chunks, in_states, replace_rows, write_journal
from database.tables import DealRow, EffectRow, OnboardingRow, StoredCrmRow, aliased
from database.turns import Turn, take_turn
from onboarding.model.crm_records import CrmOnboarding
from onboarding.model.vocabulary import Channel, EffectState

STRANGER = ""
"""The onboarding key on rows of onboardings in the CRM that this database does not know (strangers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRow:
    """One row of ``Onboarding__c`` or ``Onboarding_Milestone__c`` as last written or read."""

    key: str
    onboarding_key: str
    values: Mapping[str, str]
    """Field to text, as last written by us or read from the CRM."""
    conflict: Mapping[str, str] | None = None
    """Fields that both sides changed, with a sentence each; shown until settled."""
    at: datetime | None = field(default=None, compare=False)
    """When it was written or read, by the wall clock: an earlier reading of the row is out of date."""


def known_rows(conn: Connection, keys: Collection[str]) -> dict[str, WrittenRow]:
    """Return these rows by key, as far as they are stored."""
    found: dict[str, WrittenRow] = {}
    for part in chunks(sorted(keys)):
        for row in conn.execute(select(StoredCrmRow).where(StoredCrmRow.key.in_(part))):
            found[row.key] = WrittenRow(
                key=row.key, onboarding_key=row.onboarding_key, values=row.values, conflict=row.conflict, at=row.at
            )
    return found


def rows_of(conn: Connection, onboarding_keys: Collection[str]) -> dict[str, WrittenRow]:
    """Return all stored rows of these onboardings, by key."""
    found: set[str] = set()
    for part in chunks(sorted(onboarding_keys)):
        found.update(conn.execute(select(StoredCrmRow.key).where(StoredCrmRow.onboarding_key.in_(part))).scalars())
    return known_rows(conn, found)


def being_written(conn: Connection, onboarding_keys: Collection[str]) -> frozenset[str]:
    """Return the keys of these onboardings' rows that a write may have reached whose result is not known yet."""
    owed = in_states(EffectRow.state, EffectState.PLANNED, EffectState.LEASED, EffectState.WITHHELD)
    found: set[str] = set()
    for part in chunks(sorted(onboarding_keys)):
        query = select(EffectRow.target_id).where(
            EffectRow.onboarding_key.in_(part),
            EffectRow.channel == Channel.CRM.value,
            or_(EffectRow.state == EffectState.SENDING.value, and_(EffectRow.in_doubt, owed)),
        )
        found.update(conn.execute(query).scalars())
    return frozenset(found)


def rows_under_way(conn: Connection) -> Select[tuple[str]]:
    """Select the CRM rows that a worker has leased, before others are claimed in this transaction: the lock makes such
    claims wait for each other (SQLite's do so anyway)."""
    take_turn(conn, Turn.CRM_CLAIMS)
    other = aliased(EffectRow, "other")
    under_way: ColumnElement[bool] = literal_column("other.state IN ('leased', 'sending')")
    return select(other.target_id).where(under_way, other.channel == Channel.CRM.value)


def plan_writes(conn: Connection, rows: Mapping[str, Collection[str]], *, because: str, by: str, at: datetime) -> None:
    """Have these rows (by onboarding key) written again: the next review plans that. Safe to repeat."""
    _forget_digests(conn, rows)
    lines = [(key, "reconcile", name, because) for key, names in sorted(rows.items()) for name in sorted(names)]
    write_journal(conn, lines, at=at, by=by)


def lacking(conn: Connection, held: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the written rows whose deal the CRM shows and whose key is not among those it holds, by onboarding key."""
    shown = select(DealRow.onboarding_key).where(DealRow.removed_at.is_(None), DealRow.onboarding_key.is_not(None))
    query = select(OnboardingRow.key, OnboardingRow.crm_digests).where(OnboardingRow.key.in_(shown))
    found = {key: tuple(name for name in digests if name not in held) for key, digests in conn.execute(query).all()}
    return {key: names for key, names in found.items() if names}


def _forget_digests(conn: Connection, rows: Mapping[str, Collection[str]]) -> None:
    for part in chunks(sorted(rows)):
        query = (
            select(OnboardingRow.key, OnboardingRow.crm_digests)
            .where(OnboardingRow.key.in_(part))
            .order_by(OnboardingRow.key)
            .with_for_update()
        )
        for key, digests in conn.execute(query).all():
            unknown = {name: [digests.get(name, (0, ""))[0], ""] for name in rows[key]}
            statement = update(OnboardingRow).where(OnboardingRow.key == key)
            conn.execute(statement.values(crm_digests=digests | unknown, version=OnboardingRow.version + 1))


def remember_rows(conn: Connection, rows: Iterable[WrittenRow], at: datetime) -> None:
    """Store these rows as agreed ``at`` by the wall clock. Safe to repeat."""
    for part in chunks(rows):
        replace_rows(
            conn,
            StoredCrmRow,
            [
                {
                    "key": row.key,
                    "onboarding_key": row.onboarding_key,
                    "values": dict(row.values),
                    "conflict": dict(row.conflict) if row.conflict else None,
                    "at": at,
                }
                for row in part
            ],
        )


def remember_written(conn: Connection, rows: Sequence[WrittenRow], at: datetime) -> None:
    """Store rows that we have just written. A conflict stays while its field has the same value. Safe to repeat."""
    known = _in_conflict(conn, [row.key for row in rows])
    remember_rows(conn, [replace(row, conflict=unsettled(known.get(row.key), row.values)) for row in rows], at)


def _in_conflict(conn: Connection, keys: Collection[str]) -> dict[str, WrittenRow]:
    """Return those of these rows that have a conflict, which are few, by key."""
    found: set[str] = set()
    for part in chunks(sorted(keys)):
        query = select(StoredCrmRow.key).where(StoredCrmRow.key.in_(part), StoredCrmRow.conflict.is_not(None))
        found.update(conn.execute(query).scalars())
    return known_rows(conn, found)


def unsettled(known: WrittenRow | None, values: Mapping[str, str]) -> dict[str, str]:
    """Return the conflicts of a row that remain after a change to ``values``: those whose field did not change."""
    conflict = known.conflict if known else None
    return {
        name: told for name, told in (conflict or {}).items() if known and values.get(name) == known.values.get(name)
    }


def note_strangers(
    conn: Connection,
    rows: Iterable[CrmOnboarding],
    at: datetime,
    *,
    whole: bool = True,
    gone: Collection[str] = (),
) -> Mapping[str, str]:
    """Store the onboardings that the CRM holds and this database does not know (a lost database, a second
    installation); return their keys by account id.

    A stranger that a ``whole`` reading lacks, or that is among the keys ``gone``, is deleted. Safe to repeat.
    """
    found = {row.key: row for row in rows}
    known: set[str] = set()
    for part in chunks(sorted(found)):
        known.update(conn.execute(select(OnboardingRow.key).where(OnboardingRow.key.in_(part))).scalars())
        ours = select(StoredCrmRow.key).where(StoredCrmRow.key.in_(part), StoredCrmRow.onboarding_key != STRANGER)
        known.update(conn.execute(ours).scalars())
    strange = {key: row for key, row in found.items() if key not in known}
    without_strangers = delete(StoredCrmRow).where(StoredCrmRow.onboarding_key == STRANGER)
    if whole:
        conn.execute(without_strangers)
    for part in chunks(sorted({*found, *gone})):
        conn.execute(without_strangers.where(StoredCrmRow.key.in_(part)))
    accounts = _accounts_of(conn, strange)
    remember_rows(
        conn,
        [
            WrittenRow(key=key, onboarding_key=STRANGER, values={"Account__c": accounts.get(key, "")})
            for key in sorted(strange)
        ],
        at,
    )
    return strangers(conn)


def strangers(conn: Connection) -> dict[str, str]:
    """Return by account id the key of an onboarding in the CRM that this database does not know."""
    query = select(StoredCrmRow.key, StoredCrmRow.values).where(StoredCrmRow.onboarding_key == STRANGER)
    return {
        row[1]["Account__c"]: row.key
        for row in conn.execute(query.order_by(StoredCrmRow.key))
        if row[1].get("Account__c")
    }


def attach_strangers(conn: Connection, account_id: str, onboarding_key: str) -> None:
    """Attach the strangers of this account to our onboarding. Safe to repeat."""
    keys = [key for account, key in strangers(conn).items() if account == account_id]
    statement = update(StoredCrmRow).where(StoredCrmRow.key.in_(keys), StoredCrmRow.onboarding_key == STRANGER)
    conn.execute(statement.values(onboarding_key=onboarding_key))


def _accounts_of(conn: Connection, rows: Mapping[str, CrmOnboarding]) -> dict[str, str]:
    """Return the account of each row: the row's own, else that of the deal named by its key."""
    found: dict[str, str] = {}
    for part in chunks(sorted(rows)):
        query = select(DealRow.id, DealRow.account_id).where(DealRow.id.in_(part))
        found |= {row.id: row.account_id for row in conn.execute(query)}
    return found | {key: row.account_id for key, row in rows.items() if row.account_id}
