"""Effects before they leave: planned under a key that exists once, and changed only until they are leased."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, func, not_, or_, select, update

from database.outbox.doubts import MAY_HAVE_ARRIVED, decided
from database.statements import in_states, insert_new
from database.tables import EffectRow, aliased, columns
from database.transitions import can, changed
from onboarding.effects.absence_notes import KIND as ABSENCE
from onboarding.effects.events import Event
from onboarding.effects.lifecycle import OF_CHANGE
from onboarding.effects.recheck import ADDRESS_TAKEN, MOVED
from onboarding.escalations.digest import DIGEST, NOTHING_NEW
from onboarding.model.effect import PlannedEffect
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import UNSENT, Channel, EffectState

LONGEST_PAUSE = timedelta(days=60)
"""How old a reader's last digest may be to count; after so long all that stands is new. This project's choice."""
_UNSENT = in_states(EffectRow.state, *UNSENT)


def plan(conn: Connection, effects: Iterable[tuple[str | None, PlannedEffect]], at: datetime) -> int:
    """Plan these effects, each with its onboarding's key (None for a digest); return how many were new.

    Safe to repeat: an effect that exists stays as it is, and one address gets one mail for a step and occurrence.
    """
    return insert_new(conn, EffectRow, [_row(key, effect, at) for key, effect in effects])


def unsent(conn: Connection) -> tuple[PlannedEffect, ...]:
    """Return the planned messages that have not left, with the data they need besides their case, by key."""
    query = select(*columns(EffectRow, *(one.name for one in fields(PlannedEffect)))).where(
        _UNSENT, EffectRow.channel != Channel.CRM.value
    )
    return tuple(_planned(row) for row in conn.execute(query.order_by(EffectRow.key)))


def _planned(row: Row[Any]) -> PlannedEffect:
    given = dict(row._mapping) | {"channel": Channel(row.channel), "state": EffectState(row.state)}
    return PlannedEffect(**given)


def last_digests(conn: Connection, as_of: datetime) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return the occurrence and the data of the last digest of each reader that was not cancelled or refused.

    One that was cancelled because there was nothing new is as good as read.
    """
    which = and_(
        *_since(DIGEST, (as_of - LONGEST_PAUSE).date()),
        or_(
            EffectRow.state.not_in([EffectState.CANCELLED.value, EffectState.DEAD.value]),
            EffectRow.because == NOTHING_NEW,
        ),
    )
    last = select(EffectRow.person_id, func.max(EffectRow.occurrence).label("occurrence")).where(which)
    newest = last.group_by(EffectRow.person_id).subquery()
    theirs = and_(newest.c.person_id == EffectRow.person_id, newest.c.occurrence == EffectRow.occurrence)
    query = select(EffectRow.person_id, EffectRow.occurrence, EffectRow.data).join(newest, theirs).where(which)
    return {row.person_id: (row.occurrence, row.data) for row in conn.execute(query)}


def absence_notes(conn: Connection, first: date | None) -> frozenset[str]:
    """Return the keys of the notes on absences that began on this day or later; none where there is no such absence."""
    if first is None:
        return frozenset()
    return frozenset(conn.execute(select(EffectRow.key).where(*_since(ABSENCE, first))).scalars())


def _since(kind: str, first: date) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for effects of a kind whose keys go on with a day, this one or a later one."""
    # Compared by digits alone: PostgreSQL's order of punctuation depends on the locale of its database.
    return EffectRow.key >= f"{kind}:{first.isoformat()}", EffectRow.key < f"{kind}:9", EffectRow.kind == kind


def change(conn: Connection, changes: Sequence[EffectChange]) -> None:
    """Move, withhold, release or cancel unsent effects. An effect that is leased, sent or cancelled stays as it is."""
    for event in dict.fromkeys(OF_CHANGE[one.state] for one in changes):
        _change(conn, event, [one for one in changes if OF_CHANGE[one.state] is event])
    for one in changes:
        if one.recipient is not None and one.state in UNSENT:
            _readdress(conn, one.key, one.recipient)


def _change(conn: Connection, event: Event, changes: Sequence[EffectChange]) -> None:
    due_at = bindparam("new_due_at", type_=EffectRow.due_at.type)
    expires_at = bindparam("new_expires_at", type_=EffectRow.expires_at.type)
    because = bindparam("new_because", type_=EffectRow.because.type)
    statement = (
        update(EffectRow)
        .where(EffectRow.key == bindparam("effect_key"))
        .where(_UNSENT)
        .values(
            due_at=func.coalesce(due_at, EffectRow.due_at),
            not_before=func.coalesce(due_at, EffectRow.not_before),
            expires_at=func.coalesce(expires_at, EffectRow.expires_at),
            **decided(event, because, *UNSENT),
        )
    )
    rows = [
        {
            "effect_key": change.key,
            "new_because": change.because,
            "new_due_at": change.due_at,
            "new_expires_at": change.expires_at,
        }
        for change in changes
    ]
    conn.execute(statement, rows)


def _readdress(conn: Connection, key: str, recipient: str) -> None:
    """Set another address of the same person; cancel the effect where the step has a mail to that address already.

    The payload is made anew for it. A mail that may have arrived at the old address waits for a person.
    """
    other = aliased(EffectRow, "other")
    clash = (
        select(other.key)
        .where(other.onboarding_key == EffectRow.onboarding_key, other.kind == EffectRow.kind)
        .where(other.occurrence == EffectRow.occurrence, other.mail_to == recipient.lower())
        .where(other.key != key)
        .exists()
    )
    mine, mail = update(EffectRow).where(EffectRow.key == key), EffectRow.channel == Channel.MAIL.value
    taken = changed(Event.ADDRESS_TAKEN) | {"because": ADDRESS_TAKEN}
    conn.execute(mine.where(can(Event.ADDRESS_TAKEN), mail, clash, not_(EffectRow.in_doubt)).values(taken))
    doubtful = and_(mail, EffectRow.in_doubt)
    moved = changed(Event.READDRESSED) | {
        "recipient": case((doubtful, EffectRow.recipient), else_=recipient),
        "mail_to": case((doubtful, EffectRow.mail_to), (mail, recipient.lower()), else_=None),
        "payload": case((doubtful, EffectRow.payload), else_=None),
        "error": case((doubtful, f"{MAY_HAVE_ARRIVED}{MOVED}"), else_=EffectRow.error),
    }
    conn.execute(mine.where(can(Event.READDRESSED)).values(moved))


def _row(onboarding_key: str | None, effect: PlannedEffect, at: datetime) -> dict[str, Any]:
    return {
        "key": effect.key,
        "onboarding_key": onboarding_key,
        "channel": effect.channel.value,
        "kind": effect.kind,
        "occurrence": effect.occurrence,
        "person_id": effect.person_id,
        "target_id": effect.target_id,
        "recipient": effect.recipient,
        "mail_day": effect.data.get("counts_on"),
        "mail_to": effect.recipient.lower() if _takes_address(effect) else None,
        "role": effect.role,
        "state": effect.state.value,
        "due_at": effect.due_at,
        "not_before": effect.due_at,
        "expires_at": effect.expires_at,
        "because": effect.because,
        "data": dict(effect.data),
        "created_at": at,
        "attempts": 0,
        "crashes": 0,
        "in_doubt": False,
    }


def _takes_address(effect: PlannedEffect) -> bool:
    """Return whether the effect prevents a second mail to its address. One that is planned as cancelled, or whose
    recipient's address cannot be read yet, does not."""
    return effect.channel is Channel.MAIL and effect.state is not EffectState.CANCELLED and bool(effect.recipient)
