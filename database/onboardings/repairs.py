"""What a person decides about effects: try again, give up, it did arrive.

Each is news for its onboarding, as an answer of the far side is: what follows from it (the milestone of a welcome that
did arrive) is worked out by the next run.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from database.onboardings.openings import touch
from database.statements import chunks, write_journal
from database.tables import EffectRow
from database.transitions import can, changed
from onboarding.effects.events import Event
from onboarding.effects.lifecycle import sources

RETRIED = sources(Event.RETRIED)
"""What a person can have sent again."""

_JOURNAL = {Event.RETRIED: "effect_retry", Event.CANCELLED: "effect_cancel", Event.CONFIRMED: "effect_sent"}


def retry(conn: Connection, keys: Sequence[str], *, as_of: datetime, by: str, reason: str) -> frozenset[str]:
    """Send these again: dead, doubtful or waiting ones; answers those that were. The tries are counted anew.

    A dead one was certainly refused, so it is rendered afresh; a doubtful one leaves as it was frozen.
    """
    more = {"not_before": as_of, "needs_person": False, "error": None}
    done: set[str] = set()
    for part in chunks(keys):
        done |= _decide(conn, part, Event.RETRIED, more, at=as_of, by=by, reason=reason)
    return frozenset(done)


def cancel(conn: Connection, keys: Sequence[str], *, as_of: datetime, by: str, reason: str) -> frozenset[str]:
    """Give these up; answers those that were. What is under way or sent stays."""
    return _decide(conn, keys, Event.CANCELLED, {"because": reason}, at=as_of, by=by, reason=reason)


def mark_sent(conn: Connection, key: str, *, as_of: datetime, by: str, reason: str) -> bool:
    """Settle a doubt: it did arrive. False where the effect is in no doubt."""
    more = {"sent_at": as_of, "error": None}
    return bool(_decide(conn, [key], Event.CONFIRMED, more, at=as_of, by=by, reason=reason))


def _decide(
    conn: Connection,
    keys: Sequence[str],
    event: Event,
    more: dict[str, Any],
    *,
    at: datetime,
    by: str,
    reason: str,
) -> frozenset[str]:
    statement = (
        update(EffectRow)
        .where(EffectRow.key.in_(keys), can(event))
        .values(changed(event) | more)
        .returning(EffectRow.key, EffectRow.onboarding_key)
    )
    found = sorted((row.key, row.onboarding_key) for row in conn.execute(statement))
    write_journal(conn, [(onboarding, _JOURNAL[event], key, reason) for key, onboarding in found], at=at, by=by)
    touch(conn, {onboarding for _, onboarding in found if onboarding}, at)
    return frozenset(key for key, _ in found)
