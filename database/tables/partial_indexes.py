"""Indexes of the few rows that are looked for, so that what is long settled, or has no next moment, costs nothing.

For migrations and their test alone: declaring one loads PostgreSQL's dialect, a tenth of what ``status`` may take.
"""

from functools import lru_cache

from sqlalchemy import Index, MetaData, Table, text

from database.tables.columns import metadata
from database.tables.customers import DEAL, SIGNAL
from database.tables.onboardings import ESCALATION, ONBOARDING
from database.tables.upkeep import EFFECT


@lru_cache(maxsize=1)
def whole_schema() -> MetaData:
    """All tables with all their indexes."""
    for moment in ("stages_at", "check_ins_at", "escalations_at"):
        _only(ONBOARDING, f"{moment} IS NOT NULL", f"ix_onboarding_{moment}", moment, "key")
    _only(ESCALATION, "closed_at IS NULL", "ix_escalation_open", "onboarding_key")
    _only(DEAL, "onboarding_key IS NULL", "ix_deal_waiting", "signed_at")
    _only(SIGNAL, "account_id IS NULL", "ix_signal_unmatched", "source_account")
    _only(EFFECT, "state = 'planned'", "ix_effect_claim", "channel", "not_before", "key")
    _only(EFFECT, "state IN ('leased', 'sending')", "ix_effect_lease", "lease_token")
    _only(EFFECT, "state IN ('leased', 'sending')", "ix_effect_over", "lease_until")
    _only(EFFECT, "state IN ('unknown', 'dead')", "ix_effect_trouble", "state")
    _only(EFFECT, "mail_day IS NOT NULL", "ix_effect_mail_day", "mail_to", "mail_day")
    return metadata


def _only(table: Table, condition: str, name: str, *columns: str) -> None:
    where = text(condition)
    Index(name, *(table.c[column] for column in columns), sqlite_where=where, postgresql_where=where)
