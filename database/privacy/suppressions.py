"""Suppressions: addresses and people that get no mail, or none of one kind, stored and lifted by reason."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, NotNullable, Select, and_, func, literal_column, or_, select, update

from database.statements import chunks, insert_new
from database.tables import EffectRow, PersonRow, SuppressionRow
from database.transitions import can, changed
from onboarding.effects.events import Event
from onboarding.model.identity import one_spelling
from onboarding.model.suppressions import SCOPES, Suppressed, Suppression, SuppressionScope
from onboarding.model.vocabulary import Channel
from onboarding.orders import Order

HOLDS: ColumnElement[bool] = or_(SuppressionRow.lifted_at.is_(None), SuppressionRow.lifted_at < SuppressionRow.at)
"""A suppression is in force unless it was lifted later, in whatever order the two were reported."""

_UNDER_WAY: ColumnElement[bool] = literal_column("effect.state IN ('leased', 'sending')")
"""Spelt as in the partial index, which finds the few leased effects without a scan of all that was ever sent."""


def suppress(
    conn: Connection, subjects: Iterable[str], reason: Suppressed, order: Order, note: str = ""
) -> frozenset[str]:
    """Suppress mail (or promotional mail) to these addresses or people; return those not suppressed for it before.

    Safe to repeat, and in any order with ``lift``. Their leased effects that are not marked as sending are released,
    so that they are rechecked: nothing leaves after the request.
    """
    wanted = sorted(set(map(one_spelling, subjects)))
    before = _suppressed(conn, wanted, reason)
    told = {"by": order.by, "at": order.now, "note": note}
    insert_new(conn, SuppressionRow, [_row(subject, reason, **told) for subject in wanted])
    newer = update(SuppressionRow).where(
        SuppressionRow.subject.in_(wanted), SuppressionRow.reason == reason, SuppressionRow.at < order.now
    )
    conn.execute(newer.values(**told))
    fresh = _suppressed(conn, wanted, reason) - before
    if fresh:
        _release(conn, fresh)
    return fresh


def lift(conn: Connection, subjects: Iterable[str], reason: Suppressed, order: Order) -> frozenset[str]:
    """Lift the suppressions of this reason; return for whom one was in force. Safe to repeat.

    A lift that is reported before its suppression holds: the earlier suppression then changes nothing.
    """
    wanted = sorted(set(map(one_spelling, subjects)))
    before, at = _suppressed(conn, wanted, reason), order.now
    insert_new(conn, SuppressionRow, [_row(subject, reason, by=order.by, at=at, lifted_at=at) for subject in wanted])
    statement = update(SuppressionRow).where(SuppressionRow.subject.in_(wanted), SuppressionRow.reason == reason)
    conn.execute(
        statement.where(or_(SuppressionRow.lifted_at.is_(None), SuppressionRow.lifted_at < at)).values(lifted_at=at)
    )
    return before - _suppressed(conn, wanted, reason)


def current(conn: Connection, account_ids: Collection[str], named: Collection[str]) -> tuple[Suppression, ...]:
    """Return the suppressions in force for the people of these accounts and for the addresses or ids ``named``."""
    of_people = select(func.lower(PersonRow.email)).where(PersonRow.account_id.in_(account_ids))
    themselves = select(PersonRow.id).where(PersonRow.account_id.in_(account_ids))
    known = SuppressionRow.subject.in_(of_people.union_all(themselves))
    query = _query(known | SuppressionRow.subject.in_(sorted(set(map(one_spelling, named)))) if named else known)
    return tuple(_suppression(row) for row in conn.execute(query))


def addresses_of(conn: Connection, person_id: str, onboarding_key: str) -> frozenset[str]:
    """Return all addresses of a person, from the CRM and from mails of this onboarding, in lower case."""
    now = select(func.lower(PersonRow.email)).where(PersonRow.id == person_id, PersonRow.email.is_not(None))
    mails = select(EffectRow.mail_to).where(EffectRow.onboarding_key == onboarding_key)
    mails = mails.where(EffectRow.person_id == person_id, EffectRow.mail_to.is_not(None))
    return frozenset(conn.execute(now.union(mails)).scalars())


def written_to(conn: Connection, addresses: Collection[str]) -> frozenset[str]:
    """Return the keys of onboardings from which a mail was sent to one of these addresses, whoever has it now."""
    found: set[str] = set()
    for part in chunks(sorted(set(map(one_spelling, addresses)))):
        query = select(NotNullable(EffectRow.onboarding_key))
        query = query.where(EffectRow.mail_to.in_(part), EffectRow.mail_day.is_not(None))
        found.update(conn.execute(query.where(EffectRow.onboarding_key.is_not(None))).scalars())
    return frozenset(found)


def _row(subject: str, reason: Suppressed, **more: Any) -> dict[str, Any]:
    given = {"subject": subject, "channel": Channel.MAIL.value, "purpose": SCOPES[reason], "reason": reason.value}
    return {**given, "note": "", "lifted_at": None, **more}


def _query(condition: ColumnElement[bool]) -> Select[Any]:
    columns = select(
        SuppressionRow.subject, SuppressionRow.purpose, SuppressionRow.reason, SuppressionRow.note, SuppressionRow.at
    )
    return columns.where(condition, HOLDS).order_by(SuppressionRow.subject, SuppressionRow.reason)


def _suppression(row: Any) -> Suppression:
    scope = SuppressionScope(row.purpose)
    return Suppression(subject=row.subject, scope=scope, reason=row.reason, note=row.note, at=row.at)


def _suppressed(conn: Connection, subjects: Collection[str], reason: str) -> frozenset[str]:
    query = select(SuppressionRow.subject).where(
        SuppressionRow.subject.in_(list(subjects)), SuppressionRow.reason == reason, HOLDS
    )
    return frozenset(conn.execute(query).scalars())


def _release(conn: Connection, subjects: Collection[str]) -> None:
    for part in chunks(sorted(subjects)):
        theirs = or_(EffectRow.mail_to.in_(part), EffectRow.person_id.in_(part))
        leased = and_(EffectRow.channel == Channel.MAIL.value, can(Event.RELEASED))
        conn.execute(update(EffectRow).where(_UNDER_WAY, leased, theirs).values(changed(Event.RELEASED)))
