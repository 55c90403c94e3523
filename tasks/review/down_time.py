"""Tells operators in one summary that first90 did not run for a while, and what the first sweep since did about it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from database.outbox import planned
from database.outbox.overdue import due_by_channel, left_out_at
from onboarding.effects.down_time import down_time_note, is_down_time
from onboarding.messages.notes import by_mail
from tasks.review.ops_notes import ops_addresses
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport


def tell_of_down_time(
    context: RunContext,
    as_of: datetime,
    since: datetime,
    deliveries: Sequence[DeliveryReport],
    usual: Sequence[timedelta] | None,
) -> None:
    """Plan the summary, in Slack and by mail to ops, where the sweep before this one ended long ago (``since``, UTC).
    ``usual`` are the times between the sweeps before; None where the timetable started this one.

    Safe to repeat: the same gap is the same note.
    """
    now = context.wall_clock()
    if not is_down_time(now - since, usual):
        return
    with context.database.writing() as conn:
        sent = {one.channel.value: one.sent for one in deliveries}
        found = down_time_note((since, now), sent, due_by_channel(conn, as_of), left_out_at(conn, as_of), as_of)
        mails = [by_mail(found, address) for address in ops_addresses(conn, context)]
        planned.plan(conn, [(None, one) for one in (found, *mails)], as_of)
