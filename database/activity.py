"""What one moment brought: the effects that a run made or sent, for the summary at its end."""

from datetime import datetime

from sqlalchemy import Connection, or_, select

from database.queries import Line
from database.tables import ACCOUNT, EFFECT, ONBOARDING


def effects_at(conn: Connection, as_of: datetime) -> list[Line]:
    """Effects that were planned or sent under this ``as_of``, by channel, kind and account.

    Reads every effect once, so it is for a person's run, not for a sweep. Earlier runs of the same moment
    are in it too: take away what was there before.
    """
    table = EFFECT.c
    query = (
        select(
            table.key,
            table.channel,
            table.kind,
            table.state,
            table.recipient,
            table.role,
            table.due_at,
            table.sent_at,
            table.because,
            ACCOUNT.c.id.label("account_id"),
            ACCOUNT.c.name.label("account_name"),
        )
        .select_from(
            EFFECT.outerjoin(ONBOARDING, ONBOARDING.c.key == table.onboarding_key).outerjoin(
                ACCOUNT, ACCOUNT.c.id == ONBOARDING.c.account_id
            )
        )
        .where(or_(table.created_at == as_of, table.sent_at == as_of))
        .order_by(table.channel, table.kind, ACCOUNT.c.name, table.key)
    )
    return [dict(row._mapping) for row in conn.execute(query)]
