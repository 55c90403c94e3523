"""Changes that a person orders for an onboarding. Each writes a journal line and marks the onboarding for review."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from database.crm.written_rows import attach_strangers, strangers
from database.onboardings.openings import touch
from database.statements import insert_new, write_journal
from database.tables import EscalationRow, HoldRow, OnboardingRow
from onboarding.model.case import Hold
from onboarding.model.vocabulary import Status
from onboarding.orders import Order


def hold(conn: Connection, onboarding_key: str, stop: Hold, at: datetime) -> bool:
    """Put the onboarding on hold; return False where it is on hold already."""
    if _open_hold(conn, onboarding_key, at) is not None:
        return False
    row = {name: getattr(stop, name) for name in Hold.__dataclass_fields__}
    insert_new(conn, HoldRow, [{"onboarding_key": onboarding_key, **row}])
    _note(conn, onboarding_key, "hold", stop.resume, Order(by=stop.by, now=at, reason=stop.reason))
    return True


def resume(conn: Connection, onboarding_key: str, order: Order) -> bool:
    """End the hold; return False where there is none."""
    since = _open_hold(conn, onboarding_key, order.now)
    if since is None:
        return False
    statement = update(HoldRow).where(HoldRow.onboarding_key == onboarding_key, HoldRow.since == since)
    conn.execute(statement.values(ended_at=order.now))
    _note(conn, onboarding_key, "resume", "", replace(order, reason=order.reason or "the hold is over"))
    return True


def adopt(conn: Connection, onboarding_key: str, order: Order, *, begin: bool = False) -> bool:
    """Adopt an onboarding that was under way and unblock it; return False where nothing changed.

    With ``begin`` one without a stranger in the CRM goes on as new: nothing of it was sent before.
    """
    query = select(OnboardingRow.account_id, OnboardingRow.adopted_at, OnboardingRow.blocked).where(
        OnboardingRow.key == onboarding_key
    )
    row = conn.execute(query).one()
    if row.blocked is None and row.adopted_at is not None:
        return False
    as_new = begin and row.blocked and row.adopted_at is None and row.account_id not in strangers(conn)
    attach_strangers(conn, row.account_id, onboarding_key)
    # While it was blocked by another one it was unknown what had been sent: only what is due from now on is sent.
    adopted_at = None if as_new else order.now if row.blocked else row.adopted_at or order.now
    _set(conn, onboarding_key, blocked=None, adopted_at=adopted_at)
    _note(conn, onboarding_key, "adopt", "", replace(order, reason=row.blocked or "taken over as it stands"))
    return True


def unblock(conn: Connection, onboarding_key: str, reason: str) -> None:
    """Unblock the onboarding if it is blocked for a reason that begins with ``reason``."""
    blocked = OnboardingRow.blocked.startswith(reason, autoescape=True)
    conn.execute(update(OnboardingRow).where(OnboardingRow.key == onboarding_key, blocked).values(blocked=None))


def block(conn: Connection, onboarding_key: str, order: Order) -> None:
    """Block the onboarding: nothing is sent for it until it is adopted."""
    _set(conn, onboarding_key, blocked=order.reason)
    _note(conn, onboarding_key, "block", "", order)


def run_on(conn: Connection, onboarding_key: str, playbook: str, order: Order) -> None:
    """Move the onboarding to another version of its playbook (by content hash)."""
    _set(conn, onboarding_key, playbook=playbook)
    _note(conn, onboarding_key, "playbook", playbook, order)


def close(conn: Connection, onboarding_key: str, status: Status, order: Order) -> None:
    """End the onboarding as churned or cancelled; the next review cancels its unsent effects."""
    _set(conn, onboarding_key, status=status.value, closed_reason=order.reason)
    _note(conn, onboarding_key, "close", status.value, order)


def acknowledge(conn: Connection, onboarding_key: str, order: Order) -> tuple[int, ...]:
    """Acknowledge the open episodes, whose ladder pauses; return their numbers."""
    values = {"acked_at": order.now, "acked_by": order.by}
    return _change_episodes(conn, onboarding_key, "ack", replace(order, reason=""), values)


def snooze(conn: Connection, onboarding_key: str, until: datetime, order: Order) -> tuple[int, ...]:
    """Snooze the open episodes until ``until``; return their numbers."""
    because = replace(order, reason=until.isoformat())
    return _change_episodes(conn, onboarding_key, "snooze", because, {"snoozed_until": until})


def resolve(conn: Connection, onboarding_key: str, order: Order) -> tuple[int, ...]:
    """Close the open episodes for this reason; return their numbers."""
    values = {"resolved_reason": order.reason, "closed_at": order.now}
    return _change_episodes(conn, onboarding_key, "resolve", order, values)


def answered(conn: Connection, onboarding_key: str, at: datetime) -> None:
    """Store that a person acted on the open episodes, so that their messages are updated."""
    episodes = update(EscalationRow).where(
        EscalationRow.onboarding_key == onboarding_key, EscalationRow.closed_at.is_(None)
    )
    conn.execute(episodes.values(answered_at=at))


def _note(conn: Connection, onboarding_key: str, kind: str, about: str, order: Order) -> None:
    write_journal(conn, [(onboarding_key, kind, about, order.reason)], at=order.now, by=order.by)
    touch(conn, [onboarding_key], order.now)


def _open_hold(conn: Connection, onboarding_key: str, at: datetime) -> datetime | None:
    query = select(HoldRow.since).where(HoldRow.onboarding_key == onboarding_key, HoldRow.ended_at.is_(None))
    query = query.where(or_(HoldRow.until.is_(None), HoldRow.until > at))
    since: datetime | None = conn.execute(query.order_by(HoldRow.since.desc())).scalar()
    return since


def _set(conn: Connection, onboarding_key: str, **values: Any) -> None:
    conn.execute(update(OnboardingRow).where(OnboardingRow.key == onboarding_key).values(**values))


def _change_episodes(
    conn: Connection, onboarding_key: str, kind: str, order: Order, values: Mapping[str, Any]
) -> tuple[int, ...]:
    statement = (
        update(EscalationRow)
        .where(EscalationRow.onboarding_key == onboarding_key, EscalationRow.closed_at.is_(None))
        .values(**values, answered_at=order.now)
        .returning(EscalationRow.number)
    )
    numbers = tuple(sorted(conn.execute(statement).scalars()))
    for number in numbers:
        _note(conn, onboarding_key, kind, str(number), order)
    return numbers
