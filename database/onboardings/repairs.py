"""What a person decides about effects: retry, cancel, mark as sent.

Each decision marks the onboarding for review, as a provider's result does: the next run finds what follows from it
(the milestone of a welcome that did arrive).
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
"""The states from which a person can have an effect sent again."""

CONFIRMED = sources(Event.CONFIRMED)
"""The states from which a person can say that it arrived."""

_JOURNAL = {Event.RETRIED: "effect_retry", Event.CANCELLED: "effect_cancel", Event.CONFIRMED: "effect_sent"}


def retry(conn: Connection, keys: Sequence[str], order: Order) -> frozenset[str]:
    """Have dead, doubtful or waiting effects sent again; return the keys of those that will be.

    Tries are counted anew. A dead effect was certainly refused, so its payload is made afresh; a doubtful one is sent
    with its stored payload.
    """
    more = {"not_before": order.now, "needs_person": False, "error": None}
    done: set[str] = set()
    for part in chunks(keys):
        done |= _decide(conn, part, Event.RETRIED, more, order)
    return frozenset(done)


def cancel(conn: Connection, keys: Sequence[str], order: Order) -> frozenset[str]:
    """Cancel these; return the keys of those that were cancelled. What is leased, being sent or sent stays."""
    return _decide(conn, keys, Event.CANCELLED, {"because": order.reason}, order)


def mark_sent(conn: Connection, keys: Sequence[str], order: Order) -> frozenset[str]:
    """Settle doubts: these messages arrived. Return the keys of those that were in doubt, or refused."""
    more = {"sent_at": order.now, "error": None}
    done: set[str] = set()
    for part in chunks(keys):
        done |= _decide(conn, part, Event.CONFIRMED, more, order)
    return frozenset(done)


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
