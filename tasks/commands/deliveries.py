"""Commands on deliveries: the global stop, single effects. Each is noted in the journal under a person's name."""

from collections.abc import Sequence
from datetime import datetime

from database.channels import stops
from database.onboardings import repairs
from onboarding.model.vocabulary import Channel
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def stop(context: RunContext, channel: Channel | None, *, reason: str, by: str, now: datetime) -> str:
    """Stop sending on one channel or on all (None) until ``start``; facts and decisions go on. Raises Refused."""
    need(reason, "--reason")
    with context.database.writing() as conn:
        stops.stop(conn, channel, reason=reason, by=by, at=now)
    return f"Stopped: nothing leaves on {channel or 'any channel'} until `first90 start`."


def start(context: RunContext, channel: Channel | None, *, by: str, now: datetime) -> str:
    """Lift the stop of one channel or of all (None)."""
    with context.database.writing() as conn:
        lifted = stops.start(conn, channel, by=by, at=now)
    return f"Started: {', '.join(lifted)}." if lifted else "Nothing was stopped."


def retry_effects(context: RunContext, ids: Sequence[str], *, reason: str, by: str, now: datetime) -> frozenset[str]:
    """Have dead, doubtful or waiting effects sent again; return the ids of those that will be."""
    with context.database.writing() as conn:
        return repairs.retry(conn, ids, as_of=now, by=by, reason=reason or "tried again")


def cancel_effects(context: RunContext, ids: Sequence[str], *, reason: str, by: str, now: datetime) -> frozenset[str]:
    """Cancel effects that have not left; return the ids of those that were cancelled."""
    with context.database.writing() as conn:
        return repairs.cancel(conn, ids, as_of=now, by=by, reason=reason or "cancelled by a person")


def mark_sent(context: RunContext, effect: str, *, reason: str, by: str, now: datetime) -> frozenset[str]:
    """Settle a doubt: the message arrived. Return the effect's id if it was in doubt. Raises Refused."""
    need(reason, "--reason")
    with context.database.writing() as conn:
        done = repairs.mark_sent(conn, effect, as_of=now, by=by, reason=reason)
    return frozenset([effect] if done else [])


def need(text: str, option: str) -> None:
    """Raise Refused where a reason is empty."""
    if not text.strip():
        raise Refused(f"{option} is empty; say why, it stands in the journal")
