"""Taking one person out of everything that is remembered, so that what is left says nothing of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, or_, select, update

from database.engine import Database
from database.onboardings import openings
from database.privacy import personal_data
from database.privacy import pseudonyms as marks
from database.tables import EffectRow, FactRow, OnboardingRow, OwnerRow, PersonRow, StakeholderRow, SuppressionRow
from database.transitions import can, changed
from onboarding.effects.events import Event
from onboarding.model.identity import one_spelling, salesforce_id
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.people.stakeholders import name_in, person_named
from onboarding.privacy.name_matching import subjects
from onboarding.privacy.personal_data import Traces

BECAUSE = "its reader asked to be forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Who is to be forgotten, as far as we know them."""

    ids: frozenset[str]
    """CRM ids, and our own for whom only a report named."""
    addresses: frozenset[str]
    names: frozenset[str]
    accounts: frozenset[str]
    onboardings: frozenset[str]
    sharing: int
    """Other contacts with the same address, where one was asked for by id."""
    ours: bool
    """The address is one of our own users'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was taken out."""

    records: int
    effects: int
    cancelled: int
    texts: int
    onboardings: frozenset[str]


def find(conn: Connection, wanted: str) -> Somebody:
    """Everybody who is meant by an address, or the one who is meant by an id; nobody known makes an empty answer."""
    by_address = "@" in wanted
    mine = func.lower(PersonRow.email) == wanted.lower() if by_address else PersonRow.id == wanted
    people = conn.execute(select(PersonRow).where(mine)).all()
    addresses = {person.email.strip().lower() for person in people if person.email}
    addresses |= {wanted.lower()} if by_address else set()
    ids = {person.id for person in people} | ({person_named(wanted)} if by_address else {wanted})
    ids |= {person_named(address) for address in addresses}
    written = select(EffectRow.person_id, EffectRow.mail_to, EffectRow.onboarding_key).where(
        EffectRow.channel == Channel.MAIL.value, or_(EffectRow.mail_to.in_(addresses), EffectRow.person_id.in_(ids))
    )
    to_them = conn.execute(written).all()
    told = _told_of(conn, ids, addresses)
    sharing = select(func.count()).where(func.lower(PersonRow.email).in_(addresses), PersonRow.id.not_in(ids))
    accounts = {person.account_id for person in people}
    keys = {effect.onboarding_key for effect in to_them if effect.onboarding_key} | {
        fact.onboarding_key for fact in told
    }
    keys |= openings.onboardings_of(conn, accounts, people=ids, addresses=addresses)
    of = select(OnboardingRow.account_id).where(OnboardingRow.key.in_(keys))
    return Somebody(
        ids=frozenset(ids),
        addresses=frozenset(addresses | {one.mail_to for one in to_them if one.mail_to and one.person_id in ids}),
        names=frozenset(
            {person.name for person in people}
            | {name for fact in told if (name := str(fact.value.get("name") or name_in(str(fact.value.get("email")))))}
        ),
        accounts=frozenset(accounts | set(conn.execute(of).scalars())),
        onboardings=frozenset(keys),
        sharing=conn.execute(sharing).scalar_one() if not by_address else 0,
        ours=conn.execute(select(OwnerRow.id).where(func.lower(OwnerRow.email).in_(addresses))).first() is not None,
    )


def under_way(conn: Connection, somebody: Somebody) -> bool:
    """Whether a mail to them is leaving at this moment: nobody can say yet what became of it.

    In a writing transaction no other can begin to leave until its end.
    """
    theirs = select(EffectRow.state).where(EffectRow.channel == Channel.MAIL.value, _to(somebody))
    return EffectState.SENDING.value in conn.execute(theirs.with_for_update()).scalars().all()


def erase(conn: Connection, somebody: Somebody, *, reason: str, by: str, at: datetime) -> Erased:
    """Take them out of all tables in the transaction of ``conn``. Safe to repeat.

    What is kept are marks of their ids, addresses and names, so that the CRM cannot bring them back and nothing is ever
    sent there. What was sent to them stays as a row without address, name and content: numbers stay true.
    """
    known = marks.marks(conn, somebody.ids | somebody.addresses, at)
    names = spellings(somebody, {name: marks.pseudonym(mark) for name, mark in known.items()})
    named = {subject for account in somebody.accounts for subject in subjects(account, somebody.names)}
    marks.keep(conn, [*known.values(), *marks.marks(conn, named, at).values()], by=by, at=at)
    mails = EffectRow.channel == Channel.MAIL.value
    given_up = changed(Event.ERASED) | {"because": BECAUSE}
    unsent = update(EffectRow).where(mails, can(Event.ERASED), _to(somebody))
    cancelled = conn.execute(unsent.values(given_up)).rowcount
    emptied = conn.execute(update(EffectRow).where(mails, _to(somebody)).values(payload=None, mail_to=None)).rowcount
    records = conn.execute(delete(PersonRow).where(PersonRow.id.in_(somebody.ids))).rowcount
    records += conn.execute(delete(StakeholderRow).where(StakeholderRow.person_id.in_(somebody.ids))).rowcount
    suppressed = SuppressionRow.subject.in_({*somebody.ids, *somebody.addresses})
    records += conn.execute(delete(SuppressionRow).where(suppressed)).rowcount
    for fact in _told_of(conn, somebody.ids, somebody.addresses):
        one = (FactRow.onboarding_key == fact.onboarding_key, FactRow.key == fact.key)
        records += conn.execute(delete(FactRow).where(*one)).rowcount
    texts = personal_data.rewrite(conn, names, somebody.onboardings, somebody.accounts)
    if records or emptied or texts:
        said = names.replaced(reason, names=True)
        keys: list[str | None] = [*sorted(somebody.onboardings)] or [None]
        openings.note(conn, [(key, "forget", "", said) for key in keys], at=at, by=by)
        openings.touch(conn, somebody.onboardings, at)
    return Erased(records=records, effects=emptied, cancelled=cancelled, texts=texts, onboardings=somebody.onboardings)


def wipe(database: Database) -> None:
    """Leave nothing of what was erased in pages that no table refers to any more, nor in the log beside the file.

    SQLite alone: PostgreSQL gives such pages back by itself (autovacuum). Safe to repeat.
    """
    if database.dialect != "sqlite":
        return
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        connection.close()


def spellings(somebody: Somebody, pseudonyms: Mapping[str, str] | None = None) -> Traces:
    """How they stand in our records, and under ``pseudonyms`` what comes in their place."""
    names = somebody.ids | somebody.addresses
    tokens = {name: (pseudonyms or {}).get(name, "") for name in names}
    # A CRM id has a short form too.
    tokens |= {name[:15]: tokens[name] for name in names if len(name) == 18 and salesforce_id(name[:15]) == name}
    return Traces(tokens=tokens, names=frozenset(name for name in somebody.names if len(name) > 1))


def _to(somebody: Somebody) -> ColumnElement[bool]:
    return or_(EffectRow.person_id.in_(somebody.ids), EffectRow.mail_to.in_(somebody.addresses))


def _told_of(conn: Connection, ids: Collection[str], addresses: Collection[str]) -> list[Row[Any]]:
    """Reports on their part; few facts are such, and what they say stands in a structure."""
    return [
        fact
        for fact in conn.execute(select(FactRow).where(FactRow.kind == "stakeholder")).all()
        if fact.value.get("person_id") in ids or one_spelling(str(fact.value.get("email") or "")) in addresses
    ]
