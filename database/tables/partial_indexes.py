"""Partial indexes of the few rows that are searched for, so that settled rows cost nothing, and of expressions.

Used by migrations and their test only: declaring one loads PostgreSQL's dialect, a tenth of the time of ``status``.
"""

from functools import lru_cache

from sqlalchemy import Index, MetaData, func, text

from database.tables.columns import TableRow, columns, metadata
from database.tables.customers import DealRow, PersonRow, SignalRow
from database.tables.onboardings import EscalationRow, FactRow, OnboardingRow
from database.tables.upkeep import EffectRow, SetAsideRow


@lru_cache(maxsize=1)
def whole_schema() -> MetaData:
    """Return all tables with all their indexes."""
    for moment in ("stages_at", "check_ins_at", "escalations_at"):
        _only(OnboardingRow, f"{moment} IS NOT NULL", f"ix_onboarding_{moment}", moment, "key")
    _only(OnboardingRow, "status = 'completed'", "ix_onboarding_finished", "tier", "signed_at")
    _only(EscalationRow, "closed_at IS NULL", "ix_escalation_open", "onboarding_key")
    _only(EscalationRow, "closed_at IS NOT NULL", "ix_escalation_closed", "closed_at", "onboarding_key")
    _only(DealRow, "onboarding_key IS NULL", "ix_deal_waiting", "signed_at")
    _only(SignalRow, "account_id IS NULL", "ix_signal_unmatched", "source_account")
    _only(SignalRow, "role <> ''", "ix_signal_role", "account_id", "user", "role", "at")
    _only(EffectRow, "state = 'planned'", "ix_effect_claim", "channel", "not_before", "key")
    _only(EffectRow, "state IN ('leased', 'sending')", "ix_effect_lease", "lease_token")
    _only(EffectRow, "state IN ('leased', 'sending')", "ix_effect_over", "lease_until")
    _only(EffectRow, "state IN ('unknown', 'dead')", "ix_effect_trouble", "state")
    _only(EffectRow, "mail_day IS NOT NULL", "ix_effect_mail_day", "mail_to", "mail_day")
    _only(EffectRow, "channel = 'slack' AND mail_day IS NOT NULL", "ix_effect_slack_day", "person_id", "mail_day")
    _only(EffectRow, "state = 'withheld'", "ix_effect_withheld", "channel")
    _only(SetAsideRow, "gone_at IS NULL", "ix_set_aside_open", "source")
    Index("ix_onboarding_status", *columns(OnboardingRow, "status", "stage"))
    _only(FactRow, "kind = 'reassign'", "ix_fact_reassign", "onboarding_key")
    _only(FactRow, "call_at IS NOT NULL", "ix_fact_call", "call_at", "onboarding_key")
    Index("ix_person_address", func.lower(columns(PersonRow, "email")[0]))
    _only(EffectRow, "offered_until IS NOT NULL", "ix_effect_offer", "offered_until")
    return metadata


def _only(table: type[TableRow], condition: str, name: str, *named: str) -> None:
    where = text(condition)
    Index(name, *columns(table, *named), sqlite_where=where, postgresql_where=where)
