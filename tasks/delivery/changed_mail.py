"""Detects that mail leaves by another sender than before. The new one cannot say what arrived through the old one."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from config.settings.readings import MailInDoubt
from database import key_values
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from tasks.runtime.context import RunContext

MAIL = "mail_in_use"
SETTLED = timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS)
"""After this time everything that a dead worker left was marked as sending under the sender in use now."""


def is_another_way(conn: Connection, context: RunContext, real_now: datetime) -> bool:
    """Return whether mails in doubt may have left by another sender than the one in use; note which one that is.

    The new sender cannot be asked about them and knows none of their keys. False where the operator chose to send
    again in doubt: that decides it. Safe to repeat.
    """
    kept, used = key_values.read(conn, MAIL), context.settings.mail.place
    if kept is None or kept.value != used:
        kept_at = real_now if kept is not None else real_now - SETTLED
        key_values.write(conn, MAIL, used, kept_at)
    else:
        kept_at = kept.at
    return real_now < kept_at + SETTLED and context.settings.mail_in_doubt is not MailInDoubt.RESEND
