"""Tells operators once a day that the clock of a machine or first90's is wrong, or went back."""

import logging
import socket
from datetime import datetime

from database.outbox import planned
from onboarding.effects.clock_fault import NOTABLE, clock_note, clock_words, far_note, set_back_note
from onboarding.messages.notes import by_mail
from tasks.review.clocks import far_clock, kept_readings
from tasks.review.ops_notes import ops_addresses
from tasks.runtime.context import RunContext

logger = logging.getLogger(__name__)


def tell_of_clock(context: RunContext, as_of: datetime, last_ended: datetime | None) -> None:
    """Plan the note, in Slack and by mail to ops, where this machine's clock is not the database's, first90's is not
    that of the services it talks to, or the last sweep ended (UTC) at a moment that is yet to come.

    Safe to repeat: the same fault is the same note all day.
    """
    now, ahead, found = context.wall_clock(), context.clock_ahead, []
    if abs(ahead) >= NOTABLE:
        machine = socket.gethostname()
        logger.warning("the clock of %s is %s the database's, by which first90 goes", machine, clock_words(ahead))
        found.append(clock_note(machine, ahead, as_of))
    with context.database.reading() as conn:
        far = far_clock(context, kept_readings(conn))
    if far is not None and abs(far.ahead) >= NOTABLE:
        logger.warning("first90's clock is %s %s's", clock_words(far.ahead), far.service)
        found.append(far_note(far.ahead, far.service, as_of))
    if last_ended is not None and last_ended - now >= NOTABLE:
        found.append(set_back_note(last_ended, now, as_of))
    if found:
        with context.database.writing() as conn:
            mails = [by_mail(one, address) for one in found for address in ops_addresses(conn, context)]
            planned.plan(conn, [(None, one) for one in (*found, *mails)], as_of)
