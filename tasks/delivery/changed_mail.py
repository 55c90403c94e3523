"""Another way for mail than before: what may have arrived by the old one, the new one cannot tell."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from database import key_values
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from tasks.runtime.context import RunContext

MAIL = "mail_in_use"
SETTLED = timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS)
"""After so long, whatever a dead worker left was announced by the way in use now."""


def is_another_way(conn: Connection, context: RunContext, real_now: datetime) -> bool:
    """Whether what may have arrived, may have left by another way for mail than the one in use.

    The new one cannot be asked about it, and knows none of its keys. An operator who chose to send again in doubt has
    decided that already.
    """
    kept, used = key_values.read(conn, MAIL), context.settings.mail.place
    if kept is None or kept.value != used:
        kept_at = real_now if kept is not None else real_now - SETTLED
        key_values.write(conn, MAIL, used, kept_at)
    else:
        kept_at = kept.at
    return real_now < kept_at + SETTLED and context.settings.mail_in_doubt != "resend"
