"""The ledger of effects: claimed under a lease, marked as sending before they leave, settled by their results.

``onboarding/effects/lifecycle.py`` says which state follows; here it is applied to rows. Every change names the effect,
the lease token and the state it expects, so that a worker whose lease has expired can change nothing. Leases run on the
wall clock (``real_now``); whether an effect is due depends on ``as_of``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from database.bulk import collector_resting
from database.channels.pauses import micros, resting
from database.channels.stops import stopped
from database.crm.written_rows import rows_under_way
from database.outbox.conditions import PLANNED
from database.outbox.doubts import decided
from database.outbox.leased import LEASED, read_leased
from database.tables import EffectRow, dump
from database.transitions import can, changed
from onboarding.booking.offer import read_offer
from onboarding.effects.events import Event
from onboarding.effects.lifecycle import OF_CHANGE
from onboarding.model.effect import Leased
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import Channel, EffectState

TIMEOUT_SECONDS = 30
GRACE_SECONDS = 45
LEASE_SECONDS = 60
"""The provider's time-out is shorter than the grace, and the grace shorter than the lease."""

_INSTANT = EffectRow.due_at.type
"""Given explicitly inside SQL functions, where a bare value would not be stored as our other moments are."""


@collector_resting()
def claim(
    conn: Connection,
    channel: Channel,
    *,
    as_of: datetime,
    real_now: datetime,
    token: str,
    limit: int,
    keys: Sequence[str] | None = None,
    suspects: bool = False,
    of_one_death: bool = False,
    probe: bool = False,
) -> list[Leased]:
    """Lease up to ``limit`` due effects of a channel under ``token`` (fresh, random), the longest due first.

    Returns nothing while the channel is stopped or paused. Two workers never get the same effect, nor two effects of
    one CRM row: it is projected when it is sent, and the older projection could be written last. ``keys`` narrows to
    these. Effects that a worker died with are left to a claim of ``suspects``, when nothing else is due, because one of
    them may have killed it: those with the most deaths come last, and ``of_one_death`` takes only those with one.
    A ``probe`` takes first what the far side has refused: any other effect could pass while the trouble lasts.
    """
    died = EffectRow.crashes == 1 if of_one_death else EffectRow.crashes > 0 if suspects else EffectRow.crashes == 0
    order: tuple[SQLColumnExpression[Any], ...] = (EffectRow.not_before, EffectRow.key)
    if probe:
        refused = and_(EffectRow.error.is_not(None), not_(EffectRow.needs_person))
        # By the CRM key, a parent stands before its children, which wait for it.
        order = (case((refused, 0), else_=1), EffectRow.target_id, *order)
    due = (
        select(EffectRow.key)
        .where(EffectRow.channel == channel.value, PLANNED, EffectRow.not_before <= as_of, ~stopped(channel), died)
        .where(~resting(channel, real_now))
        .order_by(*((EffectRow.crashes, *order) if suspects else order))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if keys is not None:
        due = due.where(EffectRow.key.in_(keys))
    if channel is Channel.CRM:
        due = due.where(EffectRow.target_id.not_in(rows_under_way(conn)))
    picked = due.cte("picked")
    statement = (
        update(EffectRow)
        .where(EffectRow.key.in_(select(picked.c.key)))
        .values(
            **changed(Event.LEASED),
            lease_token=token,
            lease_until=real_now + timedelta(seconds=LEASE_SECONDS),
        )
        .returning(*LEASED)
    )
    found = [read_leased(row) for row in conn.execute(statement)]
    return sorted(found, key=lambda effect: (effect.due_at, effect.key))


def store_payload(
    conn: Connection,
    token: str,
    payloads: Mapping[str, Mapping[str, Any]],
    recipients: Mapping[str, str] | None = None,
) -> None:
    """Store the payloads and recipients of leased effects. A stored payload stays, unless its recipient has another
    address now and it is no mail that may have arrived. Safe to repeat."""
    if not payloads:
        return
    recipient = func.coalesce(bindparam("new_recipient", type_=EffectRow.recipient.type), EffectRow.recipient)
    may_have_arrived = and_(EffectRow.in_doubt, EffectRow.channel == Channel.MAIL.value)
    fresh = or_(EffectRow.payload.is_(None), and_(not_(may_have_arrived), recipient != EffectRow.recipient))
    statement = (
        update(EffectRow)
        .where(*_ours(token, EffectState.LEASED))
        .values(
            payload=case((fresh, bindparam("new_payload")), else_=EffectRow.payload),
            recipient=case((fresh, recipient), else_=EffectRow.recipient),
        )
    )
    to = recipients or {}
    rows = [
        {"effect_key": key, "new_payload": dump(payload), "new_recipient": to.get(key)}
        for key, payload in payloads.items()
    ]
    conn.execute(statement, rows)
    _hold_offers(conn, token, {key: offer for key, payload in payloads.items() if (offer := payload.get("offer"))})


def _hold_offers(conn: Connection, token: str, offers: Mapping[str, Mapping[str, Any]]) -> None:
    """Store the times that these messages offer, so that nobody else is offered them."""
    until = bindparam("new_until", type_=EffectRow.offered_until.type)
    held = {"offer": bindparam("new_offer", type_=EffectRow.offer.type), "offered_until": until}
    statement = update(EffectRow).where(*_ours(token, EffectState.LEASED)).values(held)
    rows = [
        {"effect_key": key, "new_offer": offer, "new_until": read.until}
        for key, offer in offers.items()
        if (read := read_offer(offer))
    ]
    if rows:
        conn.execute(statement, rows)


def drop_payloads(conn: Connection, token: str, keys: Sequence[str]) -> None:
    """Delete the stored payloads of these leased effects: they are sent as they are made now."""
    if keys:
        mine = (EffectRow.key.in_(keys), EffectRow.lease_token == token, EffectRow.state == EffectState.LEASED.value)
        conn.execute(update(EffectRow).where(*mine).values(payload=None))


def mark_sending(
    conn: Connection, token: str, keys: Sequence[str], *, as_of: datetime, real_now: datetime
) -> frozenset[str]:
    """Mark these as sending, to be committed before they leave; return the keys of those that may leave.

    An effect whose lease would expire before the provider's time-out is left out, and so is one whose channel was
    stopped or paused meanwhile: release these.
    """
    given = {
        "keys": list(keys),
        "token": token,
        "tried_at": as_of,
        "left_at": real_now,
        "now": micros(real_now),
        "long_enough": real_now + timedelta(seconds=TIMEOUT_SECONDS),
    }
    return frozenset(conn.execute(_mark_sending_statement(), given).scalars())


@cache
def _mark_sending_statement() -> ReturningUpdate[tuple[str]]:
    """Return the statement, built once: building it costs more than running it, and it runs for every mail."""
    left = bindparam("left_at", type_=_INSTANT)
    return (
        update(EffectRow)
        .where(EffectRow.key.in_(bindparam("keys", expanding=True)), EffectRow.lease_token == bindparam("token"))
        .where(can(Event.ANNOUNCED))
        .where(EffectRow.lease_until >= bindparam("long_enough"))
        .where(~stopped(EffectRow.channel), ~resting(EffectRow.channel, "now"))
        .values(
            **changed(Event.ANNOUNCED),
            first_try_at=func.coalesce(EffectRow.first_try_at, bindparam("tried_at", type_=_INSTANT)),
            first_left_at=func.coalesce(EffectRow.first_left_at, left),
            # Never back, also where the clock is set back: the record in the home has the later moment.
            departed_at=case((EffectRow.departed_at > left, EffectRow.departed_at), else_=left),
        )
        .returning(EffectRow.key)
    )


def release(conn: Connection, token: str, keys: Sequence[str] | None = None) -> int:
    """Release leased effects that are not marked as sending: they are planned again. Return how many."""
    statement = (
        update(EffectRow).where(EffectRow.lease_token == token, can(Event.RELEASED)).values(changed(Event.RELEASED))
    )
    if keys is not None:
        statement = statement.where(EffectRow.key.in_(keys))
    return conn.execute(statement).rowcount


def holds(conn: Connection, token: str, keys: Sequence[str]) -> bool:
    """Return whether all of these effects are still leased under ``token``, and keep them so until the commit."""
    leased = (EffectRow.lease_token == token, EffectRow.state == EffectState.LEASED.value)
    query = select(EffectRow.key).where(EffectRow.key.in_(keys), *leased).with_for_update()
    return len(conn.execute(query).all()) == len(keys)


def move(conn: Connection, token: str, changes: Sequence[EffectChange]) -> None:
    """Move leased effects that the recheck did not pass: planned for another moment, withheld or cancelled."""
    for event in dict.fromkeys(OF_CHANGE[one.state] for one in changes):
        _move(conn, token, event, [one for one in changes if OF_CHANGE[one.state] is event])


def _move(conn: Connection, token: str, event: Event, changes: Sequence[EffectChange]) -> None:
    due_at, expires_at = bindparam("new_due_at", type_=_INSTANT), bindparam("new_expires_at", type_=_INSTANT)
    because = bindparam("new_because", type_=EffectRow.because.type)
    statement = (
        update(EffectRow)
        .where(*_ours(token, EffectState.LEASED))
        .values(
            due_at=func.coalesce(due_at, EffectRow.due_at),
            not_before=func.coalesce(due_at, EffectRow.not_before),
            expires_at=func.coalesce(expires_at, EffectRow.expires_at),
            **decided(event, because, EffectState.LEASED),
        )
    )
    rows = [
        {"effect_key": one.key, "new_because": one.because, "new_due_at": one.due_at, "new_expires_at": one.expires_at}
        for one in changes
    ]
    conn.execute(statement, rows)


def _ours(token: str, state: EffectState) -> tuple[ColumnElement[bool], ...]:
    return (
        EffectRow.key == bindparam("effect_key"),
        EffectRow.lease_token == token,
        EffectRow.state == state.value,
    )
