"""Requests for a second person: asked, listed, decided once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from database.statements import write_journal
from database.tables import ApprovalRow
from onboarding.acts import Act
from onboarding.permissions.second_person import Approval, ApprovalState


def add(conn: Connection, request: Approval) -> None:
    """Store a new request with its line in the journal."""
    row = {name: getattr(request, name) for name in Approval.__dataclass_fields__}
    row |= {"act": request.act.value, "state": request.state.value, "words": dict(request.words)}
    conn.execute(insert(ApprovalRow), [row])
    _note(conn, request, "approval_asked", f"{request.said}: {request.reason}", request.asked_by, request.asked_at)


def find(conn: Connection, id_: str) -> Approval | None:
    """Return the request with this id; None if there is none."""
    row = conn.execute(select(ApprovalRow).where(ApprovalRow.id == id_)).first()
    return None if row is None else _read(row)


def same(conn: Connection, act: Act, key: str | None, words: Mapping[str, str], now: datetime) -> Approval | None:
    """Return the request for the same that still waits; None if there is none."""
    return next(
        (one for one in waiting(conn, now) if (one.act, one.onboarding_key, one.words) == (act, key, words)), None
    )


def waiting(conn: Connection, now: datetime) -> tuple[Approval, ...]:
    """Return the requests that wait for a second person, the oldest first."""
    query = select(ApprovalRow).where(ApprovalRow.state == ApprovalState.ASKED.value, ApprovalRow.expires_at > now)
    found = conn.execute(query.order_by(ApprovalRow.asked_at, ApprovalRow.id))
    return tuple(_read(row) for row in found)


def decide(conn: Connection, request: Approval, state: ApprovalState, by: str, at: datetime) -> bool:
    """Note a person's decision in the transaction of ``conn``; return False where another one was made before.

    Of two at once one waits for the other and then finds the request decided.
    """
    before: Collection[str] = (ApprovalState.ASKED.value,)
    this_one = update(ApprovalRow).where(ApprovalRow.id == request.id, ApprovalRow.state.in_(before))
    done = conn.execute(this_one.values(state=state.value, decided_by=by, decided_at=at)).rowcount
    if done:
        word = "refused" if state is ApprovalState.REFUSED else "confirmed"
        because = f"{request.said}, as {request.asked_by} asked"
        _note(conn, request, f"approval_{word}", because, by, at)
    return bool(done)


def finish(conn: Connection, id_: str) -> None:
    """Note that a confirmed act is done. Safe to repeat."""
    this_one = (ApprovalRow.id == id_, ApprovalRow.state == ApprovalState.CONFIRMED.value)
    conn.execute(update(ApprovalRow).where(*this_one).values(state=ApprovalState.DONE.value))


def _note(conn: Connection, request: Approval, kind: str, because: str, by: str, at: datetime) -> None:
    write_journal(conn, [(request.onboarding_key, kind, request.id, because)], at=at, by=by)


def _read(row: Row[Any]) -> Approval:
    values = dict(row._mapping)
    return Approval(**{**values, "act": Act(values["act"]), "state": ApprovalState(values["state"])})
