"""Opens onboardings for won deals, marks them for review, and finds those that a changed record concerns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, NotNullable, bindparam, func, literal_column, or_, select, update

from database.onboardings.cases import MOMENTS
from database.onboardings.surroundings import read_account
from database.statements import chunks, insert_new, write_journal
from database.tables import AccountRow, DealRow, FactRow, OnboardingRow, OwnerRow, PersonRow, StakeholderRow
from onboarding.crm.opening import Begun
from onboarding.model.case import Progress
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Account
from onboarding.model.vocabulary import LIVE, FactKind, Stage, Status, Tier

_LIVE = sorted(status.value for status in LIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOnboarding:
    """An onboarding to be opened: its key is its first deal's id."""

    key: str
    account_id: str
    signed_at: datetime
    progress: Progress


def live_onboardings(conn: Connection, account_ids: Collection[str]) -> dict[str, Begun]:
    """Return the live onboarding by account id."""
    found: dict[str, Begun] = {}
    for part in chunks(sorted(account_ids)):
        query = select(OnboardingRow.account_id, OnboardingRow.key, OnboardingRow.signed_at)
        query = query.where(OnboardingRow.account_id.in_(part), OnboardingRow.status.in_(_LIVE))
        found |= {row.account_id: Begun(row.key, row.signed_at) for row in conn.execute(query)}
    return found


def open_onboardings(conn: Connection, openings: Sequence[NewOnboarding], at: datetime) -> frozenset[str]:
    """Open these, due for every concern at ``at``; return the keys of those that are new. Safe to repeat."""
    keys = [opening.key for opening in openings]
    known: set[str] = set()
    for part in chunks(keys):
        known.update(conn.execute(select(OnboardingRow.key).where(OnboardingRow.key.in_(part))).scalars())
    fresh = [opening for opening in openings if opening.key not in known]
    insert_new(conn, OnboardingRow, [_row(opening, at) for opening in fresh])
    attach_deals(conn, {opening.key: opening.key for opening in fresh}, at)
    return frozenset(opening.key for opening in fresh)


def attach_deals(conn: Connection, deals: Mapping[str, str], at: datetime) -> None:
    """Attach deals (by id) to the onboardings that they open or extend, and mark these for review."""
    if not deals:
        return
    statement = update(DealRow).where(DealRow.id == bindparam("deal")).values(onboarding_key=bindparam("of"))
    conn.execute(statement, [{"deal": deal, "of": key} for deal, key in sorted(deals.items())])
    touch(conn, set(deals.values()), at)


def accounts(conn: Connection, account_ids: Collection[str]) -> dict[str, Account]:
    """Return these accounts by id."""
    found: dict[str, Account] = {}
    for part in chunks(sorted(account_ids)):
        rows = conn.execute(select(AccountRow).where(AccountRow.id.in_(part)))
        found |= {row.id: read_account(row) for row in rows}
    return found


def is_blocked(conn: Connection, key: str) -> bool:
    """Return whether nothing may be sent for this onboarding until it is adopted."""
    query = select(OnboardingRow.blocked).where(OnboardingRow.key == key)
    return conn.execute(query).scalar() is not None


def kickoff_times(conn: Connection, deal_ids: Collection[str]) -> dict[str, tuple[str, datetime | None]]:
    """Return (onboarding key, last known kickoff time in the CRM) by deal id, for deals that belong to one."""
    found: dict[str, tuple[str, datetime | None]] = {}
    for part in chunks(sorted(deal_ids)):
        query = select(DealRow.id, DealRow.onboarding_key, DealRow.kickoff_at)
        query = query.where(DealRow.id.in_(part), DealRow.onboarding_key.is_not(None))
        found |= {row.id: (row.onboarding_key, row.kickoff_at) for row in conn.execute(query)}
    return found


def stage_of(conn: Connection, key: str) -> Stage:
    """Return the stage that an onboarding was last saved with."""
    return Stage(conn.execute(select(OnboardingRow.stage).where(OnboardingRow.key == key)).scalar_one())


def status_of(conn: Connection, key: str) -> Status:
    """Return the status that an onboarding was last saved with."""
    return Status(conn.execute(select(OnboardingRow.status).where(OnboardingRow.key == key)).scalar_one())


def playbook_of(conn: Connection, key: str) -> tuple[Tier, str]:
    """Return the tier of an onboarding and the hash of the playbook version it runs on."""
    row = conn.execute(select(OnboardingRow.tier, OnboardingRow.playbook).where(OnboardingRow.key == key)).one()
    return Tier(row.tier), row.playbook


def live_keys(conn: Connection) -> list[str]:
    """Return the keys of all live onboardings."""
    return list(conn.execute(select(OnboardingRow.key).where(OnboardingRow.status.in_(_LIVE))).scalars())


def blocked_keys(conn: Connection) -> list[str]:
    """Return the keys of live onboardings for which nothing may be sent until they are adopted."""
    query = select(OnboardingRow.key).where(OnboardingRow.blocked.is_not(None), OnboardingRow.status.in_(_LIVE))
    return list(conn.execute(query.order_by(OnboardingRow.key)).scalars())


def accounts_of(conn: Connection, keys: Collection[str]) -> dict[str, str]:
    """Return the account id by key for those of these keys that are onboardings, in order."""
    found: dict[str, str] = {}
    for part in chunks(sorted(keys)):
        rows = conn.execute(select(OnboardingRow.key, OnboardingRow.account_id).where(OnboardingRow.key.in_(part)))
        found.update((row.key, row.account_id) for row in rows)
    return dict(sorted(found.items()))


def note(conn: Connection, lines: Iterable[tuple[str | None, str, str, str]], *, at: datetime, by: str) -> None:
    """Write lines of (onboarding key, kind, about, because) into the journal."""
    write_journal(conn, lines, at=at, by=by)


def touch(conn: Connection, keys: Iterable[str], at: datetime) -> None:
    """Mark these as changed: all three concerns are due, and a review of the case as it was will not be saved."""
    moments = {column.key: at for column in MOMENTS.values()}
    for part in chunks(sorted(keys)):
        # Locked in the order of keys, so that two writers on PostgreSQL cannot deadlock.
        conn.execute(
            select(OnboardingRow.key)
            .where(OnboardingRow.key.in_(part))
            .order_by(OnboardingRow.key)
            .with_for_update(key_share=True)
        ).all()
        statement = update(OnboardingRow).where(OnboardingRow.key.in_(part))
        conn.execute(statement.values(version=OnboardingRow.version + 1, **moments))


def onboardings_of(
    conn: Connection,
    accounts: Collection[str] = (),
    *,
    deals: Collection[str] = (),
    people: Collection[str] = (),
    owners: Collection[str] = (),
    addresses: Collection[str] = (),
) -> frozenset[str]:
    """Return the keys of onboardings that a change of these records, or of people with these addresses, concerns."""
    keys: set[str] = set()
    for part in chunks(sorted(set(map(one_spelling, addresses)))):
        keys |= _with_people(conn, func.lower(PersonRow.email).in_(part))
    for part in chunks(sorted(accounts)):
        keys |= _keys(conn, OnboardingRow.account_id.in_(part))
    for part in chunks(sorted(deals)):
        query = select(NotNullable(DealRow.onboarding_key))
        query = query.where(DealRow.id.in_(part), DealRow.onboarding_key.is_not(None))
        keys.update(conn.execute(query).scalars())
    for part in chunks(sorted(people)):
        keys |= _with_people(conn, PersonRow.id.in_(part)) | _with_parts(conn, StakeholderRow.person_id.in_(part))
    if owners:
        keys |= _of_owners(conn, frozenset(owners))
    return frozenset(keys)


def _keys(conn: Connection, condition: ColumnElement[bool]) -> set[str]:
    return set(conn.execute(select(OnboardingRow.key).where(condition)).scalars())


def _with_people(conn: Connection, who: ColumnElement[bool]) -> set[str]:
    """Return the onboardings of these people's accounts, and those whose deals name them."""
    of_account = _keys(conn, OnboardingRow.account_id.in_(select(PersonRow.account_id).where(who)))
    return of_account | _with_parts(conn, StakeholderRow.person_id.in_(select(PersonRow.id).where(who)))


def _with_parts(conn: Connection, whose: ColumnElement[bool]) -> set[str]:
    deals = select(StakeholderRow.deal_id).where(whose)
    return _keys(conn, OnboardingRow.key.in_(select(DealRow.onboarding_key).where(DealRow.id.in_(deals))))


def _of_owners(conn: Connection, changed: frozenset[str]) -> set[str]:
    """Return the onboardings that name one of these owners or one who reports to them, up to two levels down."""
    concerned = set(changed)
    for _ in range(2):
        for part in chunks(sorted(concerned)):
            concerned.update(conn.execute(select(OwnerRow.id).where(OwnerRow.manager_id.in_(part))).scalars())
    keys: set[str] = set()
    for part in chunks(sorted(concerned)):
        named = (AccountRow.csm_id, AccountRow.specialist_id, AccountRow.owner_id)
        accounts = select(AccountRow.id).where(or_(*(one.in_(part) for one in named)))
        sold = select(DealRow.onboarding_key).where(DealRow.seller_id.in_(part))
        keys |= _keys(conn, OnboardingRow.account_id.in_(accounts))
        keys |= _keys(conn, or_(OnboardingRow.owner_id.in_(part), OnboardingRow.key.in_(sold)))
    assigned = select(OnboardingRow.key, OnboardingRow.assignments)
    keys |= {key for key, roles in conn.execute(assigned) if concerned.intersection(roles.values())}
    # With a literal, so that a plan that is made before the values are known uses the partial index too.
    reassigned: ColumnElement[bool] = FactRow.kind == literal_column(f"'{FactKind.REASSIGN.value}'")
    handed_over = select(FactRow.onboarding_key, FactRow.value).where(reassigned)
    return keys | {key for key, said in conn.execute(handed_over) if said.get("owner_id") in concerned}


def _row(opening: NewOnboarding, at: datetime) -> dict[str, Any]:
    progress = opening.progress
    return {
        "key": opening.key,
        "account_id": opening.account_id,
        "version": 1,
        "status": progress.status.value,
        "stage": progress.stage.value,
        "stage_times": {stage.value: entered.isoformat() for stage, entered in progress.stage_times.items()},
        "tier": progress.tier,
        "tier_because": progress.tier_because,
        "playbook": progress.playbook,
        "opened_at": progress.opened_at,
        "adopted_at": progress.adopted_at,
        "blocked": progress.blocked,
        "assignments": {role.value: owner for role, owner in progress.assignments.items()},
        "closed_reason": progress.closed_reason,
        "health_history": [],
        "unbalanced_at": None,
        "conditions": {},
        "crm_digests": {key: list(mark) for key, mark in progress.crm_digests.items()},
        "signed_at": opening.signed_at,
        "owner_id": None,
        "tasks": [],
        "summary": "{}",
        "urgency": "",
        "outcome": "",
        "milestones": "",
        **{column.key: at for column in MOMENTS.values()},
    }
