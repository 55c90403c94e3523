"""Records the results of sent effects in the ledger, and settles effects whose worker died."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, bindparam, case, func, select, update

from database.outbox.conditions import UNDER_WAY
from database.outbox.leased import read_leased
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from database.tables import EffectRow
from database.transitions import can, changed
from onboarding.effects.events import DoubtPolicy, Event, crash_event, result_event
from onboarding.effects.lifecycle import WAITS_FOR_PERSON, DueChange, Lease, transition
from onboarding.effects.retry_schedule import next_decision_check, next_try
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Channel, EffectState

CRASHED = "the program stopped while it was being sent; nobody knows whether it arrived"
POISON = "the program stopped three times while it was being made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was recorded."""

    count: int = 0
    """How many results were recorded: those of effects still under this worker's lease."""
    aside: Mapping[str, EffectState] = field(default_factory=dict)
    """The effects that wait for a person now: ``dead`` or ``unknown``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """The effects of dead workers, by what was done with them."""

    returned: int = 0
    """Certainly not sent, or safe to repeat: planned again."""
    ask: tuple[Leased, ...] = ()
    """Leased to the caller under its token, already ``sending``: look each up on the far side and settle it."""
    parked: tuple[str, ...] = ()
    """Now ``unknown``, for a person to settle."""
    dead: tuple[str, ...] = ()
    """Certainly not sent, but three workers died while they made it."""
    told: Mapping[str, str] = field(default_factory=dict)
    """The errors of those that were in doubt before the worker died."""


def record_results(
    conn: Connection,
    token: str,
    found: Mapping[str, SendResult],
    *,
    as_of: datetime,
    real_now: datetime,
    doubt: DoubtPolicy,
    elapsed: timedelta = timedelta(0),
) -> Settled:
    """Record the results of effects that are marked as sending.

    Sent stays sent. Refused for now: planned again by the retry schedule, or dead when that is used up. Refused for
    good: dead, or ``unknown`` where an earlier try may have arrived. In doubt: as the channel's ``doubt`` says. A late
    ``sent`` still settles an ``unknown``. The wait for the next try is counted from ``as_of`` plus ``elapsed``, the
    time that the run has taken, so that a far side which asked for a pause gets all of it.
    """
    sent = {key: result for key, result in found.items() if result.state is ResultState.SENT}
    rest = {key: result for key, result in found.items() if result.state is not ResultState.SENT}
    recorded = _settle_sent(conn, token, sent, as_of)
    if not rest:
        return Settled(count=recorded)
    others = _settle_unsent(conn, token, rest, as_of + elapsed, real_now, doubt)
    return Settled(count=recorded + others.count, aside=others.aside)


def recover(conn: Connection, *, real_now: datetime, token: str, doubts: Mapping[Channel, DoubtPolicy]) -> Recovered:
    """Settle what dead workers left, at the start of each delivery. Safe to repeat.

    A leased effect whose lease expired was certainly not sent: it is planned again. A sending one whose lease expired
    longer ago than the grace may have been sent: ``doubts`` decides by channel, and one of another channel is left to
    that channel's delivery. After three crashes an effect waits for a person, as ``dead`` where it was certainly not
    sent.
    """
    grace = real_now - timedelta(seconds=GRACE_SECONDS)
    query = select(EffectRow).where(UNDER_WAY, EffectRow.lease_until <= real_now)
    over = conn.execute(query.with_for_update(skip_locked=True)).all()
    happened: defaultdict[tuple[EffectState, Event], list[Row[Any]]] = defaultdict(list)
    ended: defaultdict[EffectState, list[Row[Any]]] = defaultdict(list)
    for row in sorted(over, key=lambda row: row.key):
        state, policy = EffectState(row.state), doubts.get(Channel(row.channel))
        event = crash_event(state, row.crashes, policy if row.lease_until <= grace else None)
        if event is not None:
            happened[state, event].append(row)
            ended[transition(state, event).after(in_doubt=row.in_doubt)].append(row)
    lease_until = real_now + timedelta(seconds=LEASE_SECONDS)
    for (state, event), rows in happened.items():
        _apply(conn, rows, state, event, token, lease_until)
    return Recovered(
        returned=len(ended[EffectState.PLANNED]),
        ask=tuple(
            replace(read_leased(row), in_doubt=True, lease_until=lease_until) for row in ended[EffectState.SENDING]
        ),
        parked=tuple(row.key for row in ended[EffectState.UNKNOWN]),
        dead=tuple(row.key for row in ended[EffectState.DEAD]),
        told={row.key: row.error for row in ended[EffectState.UNKNOWN] if row.in_doubt and row.error},
    )


def cannot_ask(conn: Connection, token: str, keys: Sequence[str], error: str) -> None:
    """Store why the far side cannot be asked about these effects now; they stay in doubt and are looked up again."""
    mine = (EffectRow.lease_token == token, EffectRow.state == EffectState.SENDING.value)
    conn.execute(update(EffectRow).where(EffectRow.key.in_(keys), *mine).values(error=error))


def _apply(
    conn: Connection, rows: Sequence[Row[Any]], state: EffectState, event: Event, token: str, lease_until: datetime
) -> None:
    """Apply an event to rows that are as they were read: SQLite has one writer, PostgreSQL has locked them."""
    one, values = transition(state, event), changed(event, state)
    if one.lease is Lease.STARTS:
        values = values | {"lease_token": token, "lease_until": lease_until}
    if EffectState.UNKNOWN in (one.to, one.in_doubt):
        certain = POISON if one.to is EffectState.DEAD else CRASHED
        known = func.coalesce(EffectRow.error, CRASHED)
        values = values | {"error": case((EffectRow.in_doubt, known), else_=certain)}
    conn.execute(update(EffectRow).where(EffectRow.key.in_([row.key for row in rows]), UNDER_WAY).values(values))


def _settle_sent(conn: Connection, token: str, found: Mapping[str, SendResult], as_of: datetime) -> int:
    if not found:
        return 0
    given = {"token": token, "new_sent_at": as_of}
    rows = [
        {**given, "effect_key": key, "new_provider_id": result.provider_id, "new_error": result.error}
        for key, result in found.items()
    ]
    return conn.execute(_sending_ends(), rows).rowcount


@cache
def _sending_ends() -> Update:
    """Return the statement, built once: building it costs more than running it, and it runs for every mail."""
    return (
        update(EffectRow)
        .where(EffectRow.key == bindparam("effect_key"), EffectRow.lease_token == bindparam("token"))
        .where(can(Event.ACCEPTED))
        .values(
            **changed(Event.ACCEPTED),
            sent_at=bindparam("new_sent_at", type_=EffectRow.sent_at.type),
            provider_id=bindparam("new_provider_id"),
            error=bindparam("new_error", type_=EffectRow.error.type),
        )
    )


def _settle_unsent(
    conn: Connection,
    token: str,
    found: Mapping[str, SendResult],
    as_of: datetime,
    real_now: datetime,
    policy: DoubtPolicy,
) -> Settled:
    stored = {row.key: row for row in conn.execute(_being_sent(token, list(found)))}
    rows: defaultdict[Event, list[dict[str, Any]]] = defaultdict(list)
    aside: dict[str, EffectState] = {}
    for key, result in found.items():
        row = stored.get(key)
        if row is None:
            continue
        event, again = _event(result, row, as_of, policy)
        rows[event].append(
            {
                "effect_key": key,
                "new_error": result.error,
                "new_needs_person": result.needs_person,
                "new_not_before": again,
            }
        )
        state = transition(EffectState.SENDING, event).after(in_doubt=row.in_doubt)
        if state in WAITS_FOR_PERSON:
            aside[key] = state
    count = sum(conn.execute(_answered(event, token, real_now), mine).rowcount for event, mine in rows.items())
    return Settled(count=count, aside=aside)


def _being_sent(token: str, keys: Sequence[str]) -> Select[Any]:
    query = select(EffectRow.key, EffectRow.attempts, EffectRow.first_try_at, EffectRow.in_doubt)
    query = query.where(EffectRow.key.in_(keys), EffectRow.lease_token == token)
    return query.where(EffectRow.state == EffectState.SENDING.value).with_for_update()


def _event(result: SendResult, row: Row[Any], as_of: datetime, policy: DoubtPolicy) -> tuple[Event, datetime | None]:
    """Return the lifecycle event of the result, and when the effect is tried again where that changes."""
    again = next_try(row.attempts, row.first_try_at, as_of, result.retry_after, row.key)
    event = result_event(result, policy, tries_left=again is not None)
    match transition(EffectState.SENDING, event).due:
        case DueChange.SCHEDULE:
            return event, again
        case DueChange.HOURLY:
            return event, next_decision_check(as_of, row.key)
        case _:
            return event, None


def _answered(event: Event, token: str, real_now: datetime) -> Update:
    not_before = bindparam("new_not_before", type_=EffectRow.not_before.type)
    values = changed(event, EffectState.SENDING) | {
        "error": bindparam("new_error", type_=EffectRow.error.type),
        "needs_person": bindparam("new_needs_person", type_=EffectRow.needs_person.type),
        "not_before": func.coalesce(not_before, EffectRow.not_before),
    }
    if transition(EffectState.SENDING, event).lease is Lease.OVER:
        values["lease_until"] = real_now
    mine = (EffectRow.key == bindparam("effect_key"), EffectRow.lease_token == token)
    return update(EffectRow).where(*mine, EffectRow.state == EffectState.SENDING.value).values(values)
