"""What the far side answered, written into the ledger, and what becomes of effects whose worker died."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, Update, bindparam, case, func, select, update

from database.leased import Leased, read_leased
from database.ledger import FREE, GRACE_SECONDS, LEASE_SECONDS, UNDER_WAY, Doubt
from database.tables import EFFECT
from database.writes import in_states
from onboarding.retries import next_look, next_try
from onboarding.words import Channel, EffectState

MOST_CRASHES = 3
"""So many workers died with it in flight, then a person looks at it (R17): it may be the effect that kills them."""

_ASIDE = frozenset({EffectState.DEAD.value, EffectState.UNKNOWN.value})

CRASHED = "the program stopped while it was being sent; nobody knows whether it arrived"
POISON = "the program stopped three times while it was being made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one effect, in the words of the seam's outcome."""

    key: str
    state: Literal["sent", "transient", "permanent", "unknown"]
    provider_id: str | None = None
    error: str | None = None
    retry_after: float | None = None
    whole_lane: bool = False
    """The channel's fault, not this effect's: it counts as no try."""
    needs_person: bool = False
    """Refused for now, and people are told."""
    patient: bool = False
    """Refused until a person has decided: tried again slowly, and it counts as no try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was recorded."""

    count: int = 0
    """How many answers were still ours to record."""
    aside: Mapping[str, EffectState] = field(default_factory=dict)
    """Those that wait for a person now: ``dead`` or ``unknown``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What was found after a crash."""

    returned: int = 0
    """Certainly not sent, or safe to repeat: planned again."""
    ask: tuple[Leased, ...] = ()
    """Leased to the caller under its token, already ``sending``: ask the far side and settle each."""
    parked: tuple[str, ...] = ()
    """Now ``unknown``, for a person to settle."""
    dead: tuple[str, ...] = ()
    """Certainly not sent, but three workers died while they made it."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What is known of the doubts among them, where it is more than that a worker died."""


def settle(
    conn: Connection,
    token: str,
    answers: Sequence[Answer],
    *,
    as_of: datetime,
    real_now: datetime,
    doubt: Doubt,
    elapsed: timedelta = timedelta(0),
) -> Settled:
    """Record the answers of announced effects. A run that is under way for ``elapsed`` since ``as_of`` counts the wait
    for the next try from now, so that a far side which asked for time gets all of it.

    Sent stays sent. Refused for now: planned again by the retry schedule, or dead when that is used up.
    Refused for good: dead, or ``unknown`` where an earlier try may have arrived. In doubt: as the channel's
    ``doubt`` says. A late ``sent`` still mends an ``unknown``.
    """
    sent = [answer for answer in answers if answer.state == "sent"]
    rest = [answer for answer in answers if answer.state != "sent"]
    recorded = _settle_sent(conn, token, sent, as_of)
    if not rest:
        return Settled(count=recorded)
    others = _settle_unsent(conn, token, rest, as_of + elapsed, real_now, doubt)
    return Settled(count=recorded + others.count, aside=others.aside)


def recover(conn: Connection, *, real_now: datetime, token: str, doubts: Mapping[Channel, Doubt]) -> Recovered:
    """Take up what dead workers left: part of every round of deliveries. Safe to repeat.

    Leased and over was certainly not sent: planned again. Sending and over by the grace may have been: by the
    channel's ``doubts``; where they do not name the channel it is left to the channel's own round. Three crashes
    with one effect in flight put it before a person whatever the channel: as ``dead`` where it certainly was not sent.
    """
    grace = real_now - timedelta(seconds=GRACE_SECONDS)
    query = select(EFFECT).where(UNDER_WAY, EFFECT.c.lease_until <= real_now)
    over = conn.execute(query.with_for_update(skip_locked=True)).all()
    fates: defaultdict[Doubt | Literal["return", "bury"], list[Row[Any]]] = defaultdict(list)
    for row in sorted(over, key=lambda row: row.key):
        doubt, often = doubts.get(Channel(row.channel)), row.crashes + 1 >= MOST_CRASHES
        if row.state == EffectState.LEASED.value:
            fates["return" if not often else "park" if row.in_doubt else "bury"].append(row)
        elif doubt is not None and row.lease_until <= grace:
            fates["park" if often else doubt].append(row)
    _mark(conn, fates["return"], 1, state=EffectState.PLANNED.value, **FREE)
    _mark(conn, fates["bury"], 1, state=EffectState.DEAD.value, error=POISON, **FREE)
    _mark(conn, fates["repeat"], 1, state=EffectState.PLANNED.value, in_doubt=True, **FREE)
    told = case((EFFECT.c.in_doubt, func.coalesce(EFFECT.c.error, CRASHED)), else_=CRASHED)
    _mark(conn, fates["park"], 1, state=EffectState.UNKNOWN.value, in_doubt=True, error=told)
    lease_until = real_now + timedelta(seconds=LEASE_SECONDS)
    _mark(conn, fates["ask"], 1, in_doubt=True, lease_token=token, lease_until=lease_until)
    return Recovered(
        returned=len(fates["return"]) + len(fates["repeat"]),
        ask=tuple(replace(read_leased(row), in_doubt=True, lease_until=lease_until) for row in fates["ask"]),
        parked=tuple(row.key for row in fates["park"]),
        dead=tuple(row.key for row in fates["bury"]),
        told={row.key: row.error for row in fates["park"] if row.in_doubt and row.error},
    )


def cannot_ask(conn: Connection, token: str, keys: Sequence[str], error: str) -> None:
    """Keep why the far side cannot tell of these doubts now; they stay as they are, and are asked about again."""
    mine = (EFFECT.c.lease_token == token, EFFECT.c.state == EffectState.SENDING.value)
    conn.execute(update(EFFECT).where(EFFECT.c.key.in_(keys), *mine).values(error=error))


def _mark(conn: Connection, rows: Sequence[Row[Any]], crashes: int, **values: Any) -> None:
    """On SQLite nobody else writes, on PostgreSQL the rows are locked: they still are as they were read."""
    if rows:
        statement = update(EFFECT).where(EFFECT.c.key.in_([row.key for row in rows]), UNDER_WAY)
        conn.execute(statement.values(crashes=EFFECT.c.crashes + crashes, **values))


def _settle_sent(conn: Connection, token: str, answers: Sequence[Answer], as_of: datetime) -> int:
    if not answers:
        return 0
    given = {"token": token, "new_sent_at": as_of}
    rows = [
        {**given, "effect_key": answer.key, "new_provider_id": answer.provider_id, "new_error": answer.error}
        for answer in answers
    ]
    return conn.execute(_sending_ends(), rows).rowcount


@cache
def _sending_ends() -> Update:
    """Made once: making a statement costs more than running it, and this one runs for every mail."""
    return (
        update(EFFECT)
        .where(EFFECT.c.key == bindparam("effect_key"), EFFECT.c.lease_token == bindparam("token"))
        .where(in_states(EFFECT.c.state, EffectState.SENDING, EffectState.UNKNOWN))
        .values(
            state=EffectState.SENT.value,
            sent_at=bindparam("new_sent_at", type_=EFFECT.c.sent_at.type),
            provider_id=bindparam("new_provider_id"),
            error=bindparam("new_error", type_=EFFECT.c.error.type),
            **FREE,
        )
    )


def _settle_unsent(
    conn: Connection,
    token: str,
    answers: Sequence[Answer],
    as_of: datetime,
    real_now: datetime,
    doubt: Doubt,
) -> Settled:
    stored = {row.key: row for row in conn.execute(_announced(token, [answer.key for answer in answers]))}
    rows = [
        {
            "effect_key": answer.key,
            "new_error": answer.error,
            **_fate(answer, row, token, as_of, real_now, doubt),
        }
        for answer in answers
        if (row := stored.get(answer.key)) is not None
    ]
    if not rows:
        return Settled()
    names = ("state", "error", "not_before", "attempts", "first_try_at", "crashes", "in_doubt", "needs_person", *FREE)
    statement = (
        update(EFFECT)
        .where(EFFECT.c.key == bindparam("effect_key"), EFFECT.c.lease_token == token)
        .where(EFFECT.c.state == EffectState.SENDING.value)
        .values({name: bindparam(f"new_{name}", type_=EFFECT.c[name].type) for name in names})
    )
    count = conn.execute(statement, rows).rowcount
    return Settled(
        count=count,
        aside={row["effect_key"]: EffectState(row["new_state"]) for row in rows if row["new_state"] in _ASIDE},
    )


def _announced(token: str, keys: Sequence[str]) -> Select[Any]:
    table = EFFECT.c
    query = select(table.key, table.attempts, table.first_try_at, table.crashes, table.in_doubt, table.not_before)
    query = query.where(table.key.in_(keys), table.lease_token == token)
    return query.where(table.state == EffectState.SENDING.value).with_for_update()


def _fate(
    answer: Answer, row: Row[Any], token: str, as_of: datetime, real_now: datetime, doubt: Doubt
) -> dict[str, Any]:
    """The state that follows from an answer other than ``sent``, and all that goes with it."""
    doubtful = row.in_doubt or answer.state == "unknown"
    fate = {
        "new_state": EffectState.DEAD.value,
        "new_not_before": row.not_before,
        "new_attempts": row.attempts,
        "new_first_try_at": row.first_try_at,
        "new_crashes": row.crashes,
        "new_in_doubt": doubtful,
        "new_needs_person": answer.needs_person,
        "new_lease_token": None,
        "new_lease_until": None,
    }
    if answer.state == "permanent":
        # Refused for good today, and yet an earlier try may have arrived.
        return fate | {"new_state": EffectState.UNKNOWN.value} if doubtful else fate
    untried = {"new_state": EffectState.PLANNED.value, "new_attempts": row.attempts - 1, "new_first_try_at": None}
    if answer.whole_lane:
        return fate | untried
    if answer.patient:
        return fate | untried | {"new_not_before": next_look(as_of, answer.key)}
    if answer.state == "unknown" and doubt == "ask":
        # Asked once the grace is over: what the far side took a moment ago need not be found there yet.
        # Its recovery counts a crash, and none happened: the worker lives and told of the doubt.
        return fate | {
            "new_state": EffectState.SENDING.value,
            "new_crashes": row.crashes - 1,
            "new_lease_token": token,
            "new_lease_until": real_now,
        }
    again = next_try(row.attempts, row.first_try_at, as_of, answer.retry_after, answer.key)
    if again is None or (answer.state == "unknown" and doubt == "park"):
        # What may have arrived is never called dead. The token stays: a late answer can still mend it.
        state = EffectState.UNKNOWN if doubtful else EffectState.DEAD
        return fate | {"new_state": state.value, "new_lease_token": token}
    return fate | {"new_state": EffectState.PLANNED.value, "new_not_before": again}
