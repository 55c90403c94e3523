"""What a person decides about effects: try again, give up, it did arrive.

Each is news for its onboarding, as an answer of the far side is: what follows from it (the milestone of a welcome that
did arrive) is worked out by the next run.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from database.ledger import FREE
from database.openings import touch
from database.tables import EFFECT
from database.writes import chunks, write_journal
from onboarding.words import EffectState

RETRIED = (EffectState.DEAD, EffectState.UNKNOWN, EffectState.PLANNED)
"""What a person can have sent again."""


def retry(conn: Connection, keys: Sequence[str], *, as_of: datetime, by: str, reason: str) -> frozenset[str]:
    """Send these again: dead, doubtful or waiting ones; answers those that were. The tries are counted anew.

    A dead one was certainly refused, so it is rendered afresh; a doubtful one leaves as it was frozen.
    """
    values = {
        "state": EffectState.PLANNED.value,
        "not_before": as_of,
        "attempts": 0,
        "crashes": 0,
        "in_doubt": False,
        "needs_person": False,
        "first_try_at": None,
        "first_left_at": None,
        "error": None,
        **FREE,
    }
    done: set[str] = set()
    for part in chunks(keys):
        dead = update(EFFECT).where(EFFECT.c.key.in_(part), EFFECT.c.state == EffectState.DEAD.value)
        conn.execute(dead.values(payload=None))
        done |= _decide(conn, part, RETRIED, values, "retry", at=as_of, by=by, reason=reason)
    return frozenset(done)


def cancel(conn: Connection, keys: Sequence[str], *, as_of: datetime, by: str, reason: str) -> frozenset[str]:
    """Give these up; answers those that were. What is under way or sent stays."""
    states = [EffectState.PLANNED, EffectState.WITHHELD, EffectState.UNKNOWN, EffectState.DEAD]
    values = {"state": EffectState.CANCELLED.value, "because": reason, **FREE}
    return _decide(conn, keys, states, values, "cancel", at=as_of, by=by, reason=reason)


def mark_sent(conn: Connection, key: str, *, as_of: datetime, by: str, reason: str) -> bool:
    """Settle a doubt: it did arrive. False where the effect is in no doubt."""
    states = [EffectState.UNKNOWN, EffectState.DEAD]
    values = {"state": EffectState.SENT.value, "sent_at": as_of, "error": None, **FREE}
    return bool(_decide(conn, [key], states, values, "sent", at=as_of, by=by, reason=reason))


def _decide(
    conn: Connection,
    keys: Sequence[str],
    states: Sequence[EffectState],
    values: dict[str, Any],
    word: str,
    *,
    at: datetime,
    by: str,
    reason: str,
) -> frozenset[str]:
    statement = (
        update(EFFECT)
        .where(EFFECT.c.key.in_(keys), EFFECT.c.state.in_([state.value for state in states]))
        .values(values)
        .returning(EFFECT.c.key, EFFECT.c.onboarding_key)
    )
    found = sorted((row.key, row.onboarding_key) for row in conn.execute(statement))
    write_journal(conn, [(onboarding, f"effect_{word}", key, reason) for key, onboarding in found], at=at, by=by)
    touch(conn, {onboarding for _, onboarding in found if onboarding}, at)
    return frozenset(key for key, _ in found)
