"""What a named person orders for an onboarding; each leaves a line in the journal and has it reviewed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from database.crm.written_rows import strangers, welcome_strangers
from database.onboardings.openings import touch
from database.privacy import suppressions
from database.statements import insert_new, write_journal
from database.tables import EscalationRow, HoldRow, OnboardingRow
from onboarding.model.case import Hold
from onboarding.model.vocabulary import Status


def hold(conn: Connection, onboarding_key: str, stop: Hold, at: datetime) -> bool:
    """Stop the clock. False where it already stands still."""
    if _open_hold(conn, onboarding_key, at) is not None:
        return False
    row = {name: getattr(stop, name) for name in Hold.__dataclass_fields__}
    insert_new(conn, HoldRow, [{"onboarding_key": onboarding_key, **row}])
    _note(conn, onboarding_key, "hold", stop.resume, stop.reason, at, stop.by)
    return True


def resume(conn: Connection, onboarding_key: str, *, by: str, at: datetime) -> bool:
    """Let the clock run again. False where it was running."""
    since = _open_hold(conn, onboarding_key, at)
    if since is None:
        return False
    statement = update(HoldRow).where(HoldRow.onboarding_key == onboarding_key, HoldRow.since == since)
    conn.execute(statement.values(ended_at=at))
    _note(conn, onboarding_key, "resume", "", "the hold is over", at, by)
    return True


def adopt(conn: Connection, onboarding_key: str, *, by: str, at: datetime, begin: bool = False) -> bool:
    """Take over an onboarding that was under way: nothing blocks it now. False where nothing changed.

    With ``begin`` one of which the CRM held no other onboarding goes on as if new: nothing of it was sent before.
    """
    query = select(OnboardingRow.account_id, OnboardingRow.adopted_at, OnboardingRow.blocked).where(
        OnboardingRow.key == onboarding_key
    )
    row = conn.execute(query).one()
    if row.blocked is None and row.adopted_at is not None:
        return False
    as_new = begin and row.blocked and row.adopted_at is None and row.account_id not in strangers(conn)
    welcome_strangers(conn, row.account_id, onboarding_key)
    # While another one blocked it nobody knew what had been sent: only what falls due from now on is ours to send.
    adopted_at = None if as_new else at if row.blocked else row.adopted_at or at
    _set(conn, onboarding_key, blocked=None, adopted_at=adopted_at)
    _note(conn, onboarding_key, "adopt", "", row.blocked or "taken over as it stands", at, by)
    return True


def unblock(conn: Connection, onboarding_key: str, reason: str) -> None:
    """What was blocked for a reason that begins so goes on; anything else stays as it is."""
    blocked = OnboardingRow.blocked.startswith(reason, autoescape=True)
    conn.execute(update(OnboardingRow).where(OnboardingRow.key == onboarding_key, blocked).values(blocked=None))


def block(conn: Connection, onboarding_key: str, reason: str, *, by: str, at: datetime) -> None:
    """Let nothing leave for this account until it is adopted."""
    _set(conn, onboarding_key, blocked=reason)
    _note(conn, onboarding_key, "block", "", reason, at, by)


def run_on(conn: Connection, onboarding_key: str, playbook: str, *, because: str, by: str, at: datetime) -> None:
    """Move it to another version of its playbook (by content hash)."""
    _set(conn, onboarding_key, playbook=playbook)
    _note(conn, onboarding_key, "playbook", playbook, because, at, by)


def close(conn: Connection, onboarding_key: str, status: Status, *, reason: str, by: str, at: datetime) -> None:
    """End it as churned or cancelled; the next review gives up what is still owed."""
    _set(conn, onboarding_key, status=status.value, closed_reason=reason)
    _note(conn, onboarding_key, "close", status.value, reason, at, by)


def acknowledge(conn: Connection, onboarding_key: str, *, by: str, at: datetime) -> tuple[int, ...]:
    """Somebody is on it: the open episodes rest. Answers their numbers."""
    return _change_episodes(conn, onboarding_key, "ack", "", at, by, acked_at=at, acked_by=by, answered_at=at)


def snooze(conn: Connection, onboarding_key: str, until: datetime, *, by: str, at: datetime) -> tuple[int, ...]:
    """The open episodes say nothing until then."""
    until_text = until.isoformat()
    return _change_episodes(conn, onboarding_key, "snooze", until_text, at, by, snoozed_until=until, answered_at=at)


def resolve(conn: Connection, onboarding_key: str, *, reason: str, by: str, at: datetime) -> tuple[int, ...]:
    """The open episodes are over, for this reason."""
    end = {"resolved_reason": reason, "closed_at": at, "answered_at": at}
    return _change_episodes(conn, onboarding_key, "resolve", reason, at, by, **end)


def answered(conn: Connection, onboarding_key: str, at: datetime) -> None:
    """A person did something about it: what stands in open episodes' messages is to be told anew."""
    mine = update(EscalationRow).where(
        EscalationRow.onboarding_key == onboarding_key, EscalationRow.closed_at.is_(None)
    )
    conn.execute(mine.values(answered_at=at))


def suppress(conn: Connection, address: str, *, reason: str, by: str, at: datetime) -> bool:
    """Write to this address no more (it bounced). False where it was known. The journal never names it."""
    return bool(suppressions.suppress(conn, [address], reason, by=by, at=at))


def _note(conn: Connection, onboarding_key: str, kind: str, about: str, because: str, at: datetime, by: str) -> None:
    write_journal(conn, [(onboarding_key, kind, about, because)], at=at, by=by)
    touch(conn, [onboarding_key], at)


def _open_hold(conn: Connection, onboarding_key: str, at: datetime) -> datetime | None:
    query = select(HoldRow.since).where(HoldRow.onboarding_key == onboarding_key, HoldRow.ended_at.is_(None))
    query = query.where(or_(HoldRow.until.is_(None), HoldRow.until > at))
    since: datetime | None = conn.execute(query.order_by(HoldRow.since.desc())).scalar()
    return since


def _set(conn: Connection, onboarding_key: str, **values: Any) -> None:
    conn.execute(update(OnboardingRow).where(OnboardingRow.key == onboarding_key).values(**values))


def _change_episodes(
    conn: Connection, onboarding_key: str, kind: str, because: str, at: datetime, by: str, **values: Any
) -> tuple[int, ...]:
    statement = (
        update(EscalationRow)
        .where(EscalationRow.onboarding_key == onboarding_key, EscalationRow.closed_at.is_(None))
        .values(**values)
        .returning(EscalationRow.number)
    )
    numbers = tuple(sorted(conn.execute(statement).scalars()))
    for number in numbers:
        _note(conn, onboarding_key, kind, str(number), because, at, by)
    return numbers
