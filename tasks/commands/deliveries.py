"""Commands on deliveries: the global stop, single effects. Each is noted in the journal under a person's name."""

from collections.abc import Sequence
from dataclasses import replace

from database.channels import stops
from database.onboardings import repairs
from onboarding.model.vocabulary import Channel
from onboarding.orders import Order
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def stop(context: RunContext, order: Order, channel: Channel | None) -> str:
    """Stop sending on one channel or on all (None) until ``start``; facts and decisions go on. Raises Refused."""
    need_reason(order)
    with context.database.writing() as conn:
        order.guard(conn, "")
        stops.stop(conn, channel, reason=order.reason, by=order.by, at=order.now)
    return f"Stopped: nothing leaves on {channel or 'any channel'} until `first90 start`."


def start(context: RunContext, order: Order, channel: Channel | None) -> str:
    """Lift the stop of one channel or of all (None)."""
    with context.database.writing() as conn:
        order.guard(conn, "")
        lifted = stops.start(conn, channel, by=order.by, at=order.now)
    return f"Started: {', '.join(lifted)}." if lifted else "Nothing was stopped."


def retry_effects(context: RunContext, order: Order, ids: Sequence[str]) -> frozenset[str]:
    """Have dead, doubtful or waiting effects sent again; return the ids of those that will be."""
    with context.database.writing() as conn:
        return repairs.retry(conn, ids, replace(order, reason=order.reason or "tried again"))


def cancel_effects(context: RunContext, order: Order, ids: Sequence[str]) -> frozenset[str]:
    """Cancel effects that have not left; return the ids of those that were cancelled."""
    with context.database.writing() as conn:
        return repairs.cancel(conn, ids, replace(order, reason=order.reason or "cancelled by a person"))


def mark_sent(context: RunContext, order: Order, ids: Sequence[str]) -> frozenset[str]:
    """Settle doubts: these messages arrived. Return the ids of those that were in doubt. Raises Refused."""
    need_reason(order)
    with context.database.writing() as conn:
        return repairs.mark_sent(conn, ids, order)


def need_reason(order: Order) -> None:
    """Raise Refused where the reason is empty."""
    if not order.reason.strip():
        raise Refused("--reason is empty; say why, it stands in the journal")
