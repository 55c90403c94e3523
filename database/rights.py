"""What people asked of us and what providers reported of addresses: kept by reason, taken back by reason."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, or_, select, update

from database.tables import EFFECT, PERSON, SUPPRESSION
from database.transitions import can, changed
from database.writes import chunks, insert_new
from onboarding.effects.events import Event
from onboarding.identity import one_spelling
from onboarding.rights import SCOPES, Silence, Silenced
from onboarding.words import Channel

_S = SUPPRESSION.c
HOLDS: ColumnElement[bool] = or_(_S.lifted_at.is_(None), _S.lifted_at < _S.at)
"""Of a silence and its end the later one counts, in whatever order we heard of them."""

_UNDER_WAY: ColumnElement[bool] = literal_column("effect.state IN ('leased', 'sending')")
"""Spelt as in the partial index: what is leased is few, and found without a walk through all that was ever sent."""


def silence(
    conn: Connection, subjects: Iterable[str], reason: str, *, by: str, at: datetime, note: str = ""
) -> frozenset[str]:
    """Let these addresses or people get no (or no promotional) mail for this reason; answers whom it is news for.

    Safe to repeat, and in any order with ``lift``. What is leased for them and has not been announced is given
    back, so that the next look judges it anew: nothing leaves that was asked for before.
    """
    wanted = sorted(set(map(one_spelling, subjects)))
    before = _silent(conn, wanted, reason)
    insert_new(conn, SUPPRESSION, [_row(subject, reason, by=by, at=at, note=note) for subject in wanted])
    newer = update(SUPPRESSION).where(_S.subject.in_(wanted), _S.reason == reason, _S.at < at)
    conn.execute(newer.values(at=at, by=by, note=note))
    fresh = _silent(conn, wanted, reason) - before
    if fresh:
        _give_back(conn, fresh)
    return fresh


def lift(conn: Connection, subjects: Iterable[str], reason: str, *, by: str, at: datetime) -> frozenset[str]:
    """Take this reason back; answers for whom it had held. Safe to repeat.

    What is lifted before we hear of it stays lifted: the report of what was before then changes nothing.
    """
    wanted = sorted(set(map(one_spelling, subjects)))
    before = _silent(conn, wanted, reason)
    insert_new(conn, SUPPRESSION, [_row(subject, reason, by=by, at=at, lifted_at=at) for subject in wanted])
    statement = update(SUPPRESSION).where(_S.subject.in_(wanted), _S.reason == reason)
    conn.execute(statement.where(or_(_S.lifted_at.is_(None), _S.lifted_at < at)).values(lifted_at=at))
    return before - _silent(conn, wanted, reason)


def silences(conn: Connection, account_ids: Collection[str], named: Collection[str]) -> tuple[Silence, ...]:
    """All that holds for the people of these accounts, and for the addresses or ids ``named`` besides."""
    of_people = select(func.lower(PERSON.c.email)).where(PERSON.c.account_id.in_(account_ids))
    themselves = select(PERSON.c.id).where(PERSON.c.account_id.in_(account_ids))
    known = _S.subject.in_(of_people.union_all(themselves))
    query = _silences(known | _S.subject.in_(sorted(set(map(one_spelling, named)))) if named else known)
    return tuple(_silence(row) for row in conn.execute(query))


def silences_of(conn: Connection, subjects: Collection[str]) -> tuple[Silence, ...]:
    """All that holds for these addresses and ids."""
    query = _silences(_S.subject.in_(sorted(set(map(one_spelling, subjects)))))
    return tuple(_silence(row) for row in conn.execute(query))


def addresses_of(conn: Connection, person_id: str, onboarding_key: str) -> frozenset[str]:
    """Every address under which we know a person, or have written to them in this onboarding, in lower case."""
    now = select(func.lower(PERSON.c.email)).where(PERSON.c.id == person_id, PERSON.c.email.is_not(None))
    mails = select(EFFECT.c.mail_to).where(EFFECT.c.onboarding_key == onboarding_key)
    mails = mails.where(EFFECT.c.person_id == person_id, EFFECT.c.mail_to.is_not(None))
    return frozenset(conn.execute(now.union(mails)).scalars())


def written_to(conn: Connection, addresses: Collection[str]) -> frozenset[str]:
    """Keys of the onboardings from which a mail has left to one of these addresses, whoever has it in the CRM now."""
    found: set[str] = set()
    for part in chunks(sorted(set(map(one_spelling, addresses)))):
        query = select(EFFECT.c.onboarding_key).where(EFFECT.c.mail_to.in_(part), EFFECT.c.mail_day.is_not(None))
        found.update(conn.execute(query.where(EFFECT.c.onboarding_key.is_not(None))).scalars())
    return frozenset(found)


def _row(subject: str, reason: str, **more: Any) -> dict[str, Any]:
    scope = SCOPES[Silenced(reason)] if reason in set(Silenced) else "all"
    given = {"subject": subject, "channel": Channel.MAIL.value, "purpose": scope, "reason": reason}
    return {**given, "note": "", "lifted_at": None, **more}


def _silences(condition: ColumnElement[bool]) -> Select[Any]:
    columns = select(_S.subject, _S.purpose, _S.reason, _S.note, _S.at)
    return columns.where(condition, HOLDS).order_by(_S.subject, _S.reason)


def _silence(row: Any) -> Silence:
    return Silence(subject=row.subject, scope=row.purpose, reason=row.reason, note=row.note, at=row.at)


def _silent(conn: Connection, subjects: Collection[str], reason: str) -> frozenset[str]:
    query = select(_S.subject).where(_S.subject.in_(list(subjects)), _S.reason == reason, HOLDS)
    return frozenset(conn.execute(query).scalars())


def _give_back(conn: Connection, subjects: Collection[str]) -> None:
    for part in chunks(sorted(subjects)):
        theirs = or_(EFFECT.c.mail_to.in_(part), EFFECT.c.person_id.in_(part))
        leased = and_(EFFECT.c.channel == Channel.MAIL.value, can(Event.RELEASED))
        conn.execute(update(EFFECT).where(_UNDER_WAY, leased, theirs).values(changed(Event.RELEASED)))
