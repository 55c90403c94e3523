"""Erasure of one person from all tables, so that what is left holds no data of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, or_, select, update

from database.engine import Database
from database.events import daily
from database.onboardings import openings
from database.privacy import personal_data, pseudonyms
from database.privacy.profiles import erase_profiles
from database.tables import EffectRow, FactRow, OnboardingRow, OwnerRow, PersonRow, StakeholderRow, SuppressionRow
from database.transitions import can, changed
from onboarding.clashes.clash import SIDES
from onboarding.effects.events import Event
from onboarding.model.identity import one_spelling, salesforce_id
from onboarding.model.vocabulary import Channel, EffectState, FactKind
from onboarding.people.stakeholders import name_in, person_named
from onboarding.privacy.name_matching import subjects
from onboarding.privacy.personal_data import Traces
from onboarding.shared_plan.named import PAGE

BECAUSE = "its reader asked to be forgotten"
NAMING = [FactKind.STAKEHOLDER.value, FactKind.PERSON_NAMED.value]
"""Facts that name a person by address and name."""
QUOTATION_MARKS = ("“{}”", "„{}“", "”{}”", "«{}»", "« {} »", "»{}«", "‘{}’", "「{}」", '"{}"')
"""Those in which a language's phrases may quote what a person wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSubject:
    """The person to be erased, with all that identifies them."""

    ids: frozenset[str]
    """CRM ids, and our own id of a person who is known from a fact only."""
    addresses: frozenset[str]
    names: frozenset[str]
    accounts: frozenset[str]
    onboardings: frozenset[str]
    sharing: int
    """The number of other contacts with the same address, where the person is given by id."""
    ours: bool
    """Whether the address is one of our own users'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased: counts of rows and texts, and the onboardings concerned."""

    records: int
    effects: int
    cancelled: int
    texts: int
    onboardings: frozenset[str]


def find(conn: Connection, wanted: str) -> DataSubject:
    """Return all contacts with an address, or the one with an id, as one subject; an unknown one has no records."""
    by_address = "@" in wanted
    meant = func.lower(PersonRow.email) == wanted.lower() if by_address else PersonRow.id == wanted
    people = conn.execute(select(PersonRow).where(meant)).all()
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
    return DataSubject(
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


def under_way(conn: Connection, subject: DataSubject) -> bool:
    """Return whether a mail to them is being sent, so that its result is not known yet.

    In a writing transaction no other mail to them can be marked as sending before its end.
    """
    theirs = select(EffectRow.state).where(EffectRow.channel == Channel.MAIL.value, _to(subject))
    return EffectState.SENDING.value in conn.execute(theirs.with_for_update()).scalars().all()


def erase(conn: Connection, subject: DataSubject, *, reason: str, by: str, at: datetime) -> Erased:
    """Erase the person from all tables in the transaction of ``conn``. Safe to repeat.

    Keyed hashes of their ids, addresses and names stay, so that the CRM cannot bring them back and nothing is sent to
    them. Effects that were sent stay as rows without address, name and content, so that counts stay true.
    """
    daily.take_usage_turn(conn)  # before any row is locked for which another taker of the turn could wait
    known = pseudonyms.hashes(conn, subject.ids | subject.addresses, at)
    names = spellings(subject, {name: pseudonyms.pseudonym(hash_) for name, hash_ in known.items()})
    named = {one for account in subject.accounts for one in subjects(account, subject.names)}
    pseudonyms.keep(conn, [*known.values(), *pseudonyms.hashes(conn, named, at).values()], by=by, at=at)
    mails = EffectRow.channel == Channel.MAIL.value
    given_up = changed(Event.ERASED) | {"because": BECAUSE}
    unsent = update(EffectRow).where(mails, can(Event.ERASED), _to(subject))
    cancelled = conn.execute(unsent.values(given_up)).rowcount
    emptied = conn.execute(update(EffectRow).where(mails, _to(subject)).values(payload=None, mail_to=None)).rowcount
    told, quotes = erase_profiles(conn, subject.ids, subject.onboardings)
    records = told + conn.execute(delete(PersonRow).where(PersonRow.id.in_(subject.ids))).rowcount
    records += conn.execute(delete(StakeholderRow).where(StakeholderRow.person_id.in_(subject.ids))).rowcount
    suppressed = SuppressionRow.subject.in_({*subject.ids, *subject.addresses})
    records += conn.execute(delete(SuppressionRow).where(suppressed)).rowcount
    for fact in _told_of(conn, subject.ids, subject.addresses):
        one = (FactRow.onboarding_key == fact.onboarding_key, FactRow.key == fact.key)
        records += conn.execute(delete(FactRow).where(*one)).rowcount
    texts = _erase_comments(conn, subject) + _erase_quotes(conn, subject, quotes)
    used = daily.take_out(conn, names.hints(names=True))
    texts += personal_data.rewrite(conn, names, subject.onboardings, subject.accounts)
    daily.rebuild(conn, used)
    if records or emptied or texts:
        said = names.replaced(reason, names=True)
        keys: list[str | None] = [*sorted(subject.onboardings)] or [None]
        openings.note(conn, [(key, "forget", "", said) for key in keys], at=at, by=by)
        openings.touch(conn, subject.onboardings, at)
    return Erased(records=records, effects=emptied, cancelled=cancelled, texts=texts, onboardings=subject.onboardings)


def wipe(database: Database) -> None:
    """Remove erased data from free pages of the file and from its write-ahead log.

    SQLite only: PostgreSQL frees such pages by itself (autovacuum). Safe to repeat.
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


def spellings(subject: DataSubject, replacements: Mapping[str, str] | None = None) -> Traces:
    """Return the spellings of the person in our records, each with its replacement where one is given."""
    names = subject.ids | subject.addresses
    tokens = {name: (replacements or {}).get(name, "") for name in names}
    # A CRM id has a short form of 15 characters too.
    tokens |= {name[:15]: tokens[name] for name in names if len(name) == 18 and salesforce_id(name[:15]) == name}
    return Traces(tokens=tokens, names=frozenset(name for name in subject.names if len(name) > 1))


def _to(subject: DataSubject) -> ColumnElement[bool]:
    return or_(EffectRow.person_id.in_(subject.ids), EffectRow.mail_to.in_(subject.addresses))


def _erase_comments(conn: Connection, subject: DataSubject) -> int:
    """Erase what the person wrote in surveys and on their plan page, also where a task or a message quotes it.

    Scores, dates and causes stay, and the title of work that clashes with something. Return how many texts changed.
    """
    written_by_them = or_(FactRow.kind == FactKind.SURVEY.value, FactRow.source == PAGE)
    query = select(FactRow).where(written_by_them, FactRow.onboarding_key.in_(subject.onboardings))
    theirs = {*subject.ids, *subject.addresses}
    said: set[str] = set()
    written = 0
    for fact in (one for one in conn.execute(query) if one.value.get("person") in theirs):
        own = {name: fact.value[name] for name in _own_words(fact.value) if fact.value.get(name)}
        if own:
            one = (FactRow.onboarding_key == fact.onboarding_key, FactRow.key == fact.key)
            left = {name: value for name, value in fact.value.items() if name not in own}
            conn.execute(update(FactRow).where(*one).values(value=left))
            said |= set(own.values())
            written += 1
    return written + _erase_quotes(conn, subject, said)


def _erase_quotes(conn: Connection, subject: DataSubject, said: Collection[str]) -> int:
    """Erase these words where a task or a message quotes them; return how many texts changed."""
    # With their quotation marks: a comment of one word would also match the name of a stage.
    words = frozenset(filter(None, (" ".join(text.split()) for text in said)))
    marked = frozenset(mark.format(text) for text in words for mark in QUOTATION_MARKS)
    quoted = Traces(tokens={}, names=marked, words=words)
    return personal_data.rewrite(conn, quoted, subject.onboardings, subject.accounts)


def _own_words(value: Mapping[str, Any]) -> Collection[str]:
    """Return the parts of a fact's value that its person wrote; the side of a conflict that is a piece of work is the
    plan's own title."""
    return ("comment", *(side for side in SIDES if side != SIDES[0] or "about" not in value))


def _told_of(conn: Connection, ids: Collection[str], addresses: Collection[str]) -> list[Row[Any]]:
    """Return the facts that name them. They are few, and their value is structured, so Python filters them."""
    return [
        fact
        for fact in conn.execute(select(FactRow).where(FactRow.kind.in_(NAMING))).all()
        if fact.value.get("person_id") in ids or one_spelling(str(fact.value.get("email") or "")) in addresses
    ]
