"""What a person decides about effects: try again, give up, it did arrive.

Each is news for its onboarding, as an answer of the far side is: what follows from it (the milestone of a welcome that
did arrive) is worked out by the next run.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, update

from database.onboardings.openings import touch
from database.statements import chunks, write_journal
from database.tables import EffectRow
from database.transitions import can, changed
from onboarding.effects.events import Event
from onboarding.effects.lifecycle import sources
from onboarding.orders import Order

RETRIED = sources(Event.RETRIED)
"""What a person can have sent again."""

_JOURNAL = {Event.RETRIED: "effect_retry", Event.CANCELLED: "effect_cancel", Event.CONFIRMED: "effect_sent"}


def retry(conn: Connection, keys: Sequence[str], order: Order) -> frozenset[str]:
    """Send these again: dead, doubtful or waiting ones; answers those that were. The tries are counted anew.

    A dead one was certainly refused, so it is rendered afresh; a doubtful one leaves as it was frozen.
    """
    more = {"not_before": order.now, "needs_person": False, "error": None}
    done: set[str] = set()
    for part in chunks(keys):
        done |= _decide(conn, part, Event.RETRIED, more, order)
    return frozenset(done)


def cancel(conn: Connection, keys: Sequence[str], order: Order) -> frozenset[str]:
    """Give these up; answers those that were. What is under way or sent stays."""
    return _decide(conn, keys, Event.CANCELLED, {"because": order.reason}, order)


def mark_sent(conn: Connection, key: str, order: Order) -> bool:
    """Settle a doubt: it did arrive. False where the effect is in no doubt."""
    more = {"sent_at": order.now, "error": None}
    return bool(_decide(conn, [key], Event.CONFIRMED, more, order))


def _decide(conn: Connection, keys: Sequence[str], event: Event, more: dict[str, Any], order: Order) -> frozenset[str]:
    statement = (
        update(EffectRow)
        .where(EffectRow.key.in_(keys), can(event))
        .values(changed(event) | more)
        .returning(EffectRow.key, EffectRow.onboarding_key)
    )
    found = sorted((row.key, row.onboarding_key) for row in conn.execute(statement))
    lines = [(onboarding, _JOURNAL[event], key, order.reason) for key, onboarding in found]
    write_journal(conn, lines, at=order.now, by=order.by)
    touch(conn, {onboarding for _, onboarding in found if onboarding}, order.now)
    return frozenset(key for key, _ in found)
