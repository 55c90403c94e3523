"""The effects that a run planned or sent, for the summary at its end."""

from datetime import datetime

from sqlalchemy import Connection, or_, select

from database.onboardings.overview import Line
from database.tables import AccountRow, EffectRow, OnboardingRow


def effects_at(conn: Connection, as_of: datetime) -> list[Line]:
    """Return effects that were planned or sent under this ``as_of``, by channel, kind and account.

    It scans all effects, so it is for a person's run, not for a sweep. Effects of earlier runs of the same moment are
    included: subtract what was there before.
    """
    query = (
        select(
            EffectRow.key,
            EffectRow.channel,
            EffectRow.kind,
            EffectRow.state,
            EffectRow.recipient,
            EffectRow.role,
            EffectRow.due_at,
            EffectRow.sent_at,
            EffectRow.because,
            AccountRow.id.label("account_id"),
            AccountRow.name.label("account_name"),
        )
        .select_from(EffectRow)
        .outerjoin(OnboardingRow, OnboardingRow.key == EffectRow.onboarding_key)
        .outerjoin(AccountRow, AccountRow.id == OnboardingRow.account_id)
        .where(or_(EffectRow.created_at == as_of, EffectRow.sent_at == as_of))
        .order_by(EffectRow.channel, EffectRow.kind, AccountRow.name, EffectRow.key)
    )
    return [dict(row._mapping) for row in conn.execute(query)]
