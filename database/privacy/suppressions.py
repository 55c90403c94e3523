"""What people asked of us and what providers reported of addresses: kept by reason, taken back by reason."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, NotNullable, Select, and_, func, literal_column, or_, select, update

from database.statements import chunks, insert_new
from database.tables import EffectRow, PersonRow, SuppressionRow
from database.transitions import can, changed
from onboarding.effects.events import Event
from onboarding.model.identity import one_spelling
from onboarding.model.suppressions import SCOPES, Suppressed, Suppression
from onboarding.model.vocabulary import Channel

HOLDS: ColumnElement[bool] = or_(SuppressionRow.lifted_at.is_(None), SuppressionRow.lifted_at < SuppressionRow.at)
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
    insert_new(conn, SuppressionRow, [_row(subject, reason, by=by, at=at, note=note) for subject in wanted])
    newer = update(SuppressionRow).where(
        SuppressionRow.subject.in_(wanted), SuppressionRow.reason == reason, SuppressionRow.at < at
    )
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
    insert_new(conn, SuppressionRow, [_row(subject, reason, by=by, at=at, lifted_at=at) for subject in wanted])
    statement = update(SuppressionRow).where(SuppressionRow.subject.in_(wanted), SuppressionRow.reason == reason)
    conn.execute(
        statement.where(or_(SuppressionRow.lifted_at.is_(None), SuppressionRow.lifted_at < at)).values(lifted_at=at)
    )
    return before - _silent(conn, wanted, reason)


def current(conn: Connection, account_ids: Collection[str], named: Collection[str]) -> tuple[Suppression, ...]:
    """All that holds for the people of these accounts, and for the addresses or ids ``named`` besides."""
    of_people = select(func.lower(PersonRow.email)).where(PersonRow.account_id.in_(account_ids))
    themselves = select(PersonRow.id).where(PersonRow.account_id.in_(account_ids))
    known = SuppressionRow.subject.in_(of_people.union_all(themselves))
    query = _silences(known | SuppressionRow.subject.in_(sorted(set(map(one_spelling, named)))) if named else known)
    return tuple(_silence(row) for row in conn.execute(query))


def addresses_of(conn: Connection, person_id: str, onboarding_key: str) -> frozenset[str]:
    """Every address under which we know a person, or have written to them in this onboarding, in lower case."""
    now = select(func.lower(PersonRow.email)).where(PersonRow.id == person_id, PersonRow.email.is_not(None))
    mails = select(EffectRow.mail_to).where(EffectRow.onboarding_key == onboarding_key)
    mails = mails.where(EffectRow.person_id == person_id, EffectRow.mail_to.is_not(None))
    return frozenset(conn.execute(now.union(mails)).scalars())


def written_to(conn: Connection, addresses: Collection[str]) -> frozenset[str]:
    """Keys of the onboardings from which a mail has left to one of these addresses, whoever has it in the CRM now."""
    found: set[str] = set()
    for part in chunks(sorted(set(map(one_spelling, addresses)))):
        query = select(NotNullable(EffectRow.onboarding_key))
        query = query.where(EffectRow.mail_to.in_(part), EffectRow.mail_day.is_not(None))
        found.update(conn.execute(query.where(EffectRow.onboarding_key.is_not(None))).scalars())
    return frozenset(found)


def _row(subject: str, reason: str, **more: Any) -> dict[str, Any]:
    scope = SCOPES[Suppressed(reason)] if reason in set(Suppressed) else "all"
    given = {"subject": subject, "channel": Channel.MAIL.value, "purpose": scope, "reason": reason}
    return {**given, "note": "", "lifted_at": None, **more}


def _silences(condition: ColumnElement[bool]) -> Select[Any]:
    columns = select(
        SuppressionRow.subject, SuppressionRow.purpose, SuppressionRow.reason, SuppressionRow.note, SuppressionRow.at
    )
    return columns.where(condition, HOLDS).order_by(SuppressionRow.subject, SuppressionRow.reason)


def _silence(row: Any) -> Suppression:
    return Suppression(subject=row.subject, scope=row.purpose, reason=row.reason, note=row.note, at=row.at)


def _silent(conn: Connection, subjects: Collection[str], reason: str) -> frozenset[str]:
    query = select(SuppressionRow.subject).where(
        SuppressionRow.subject.in_(list(subjects)), SuppressionRow.reason == reason, HOLDS
    )
    return frozenset(conn.execute(query).scalars())


def _give_back(conn: Connection, subjects: Collection[str]) -> None:
    for part in chunks(sorted(subjects)):
        theirs = or_(EffectRow.mail_to.in_(part), EffectRow.person_id.in_(part))
        leased = and_(EffectRow.channel == Channel.MAIL.value, can(Event.RELEASED))
        conn.execute(update(EffectRow).where(_UNDER_WAY, leased, theirs).values(changed(Event.RELEASED)))
