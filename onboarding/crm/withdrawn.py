"""CRM rows of milestones that the playbook of an onboarding has no more: they are closed, so that nobody owes them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from onboarding.crm.projection import MILESTONE, STATUSES, CrmRow, row_digest, write_of
from onboarding.model.case import Case, Progress
from onboarding.model.effect import Leased, PlannedEffect

BECAUSE = "no longer in the playbook"
MARK = "withdrawn"
"""The entry in an effect's data that says so."""


def withdrawals(
    case: Case, progress: Progress, names: Collection[str], now: datetime
) -> tuple[tuple[PlannedEffect, ...], Mapping[str, tuple[int, str]]]:
    """Return the writes that close the rows of these milestones, and the digests to save with them.

    Only rows that were written are closed. Where the milestone comes back, its row is written as it stands then.
    """
    digests, effects = dict(progress.crm_digests), []
    for name in sorted(names):
        row = withdrawn_row(case.key, f"{case.key}:{name}")
        if row.key in digests and not progress.blocked:
            number = digests[row.key][0] + 1
            digests[row.key] = (number, row_digest(row))
            effect = write_of(case, row, number, now)
            effects.append(replace(effect, because=BECAUSE, data={**effect.data, MARK: True}))
    return tuple(effects), digests


def withdrawn_row(onboarding: str, key: str) -> CrmRow:
    """Return the row as it is closed."""
    fields = {
        "First90_Key__c": key,
        "Onboarding__c": onboarding,
        "Status__c": STATUSES["not_applicable"],
        "Reason__c": BECAUSE,
        "Assigned_To__c": None,
    }
    return CrmRow(MILESTONE, key, fields)


def withdraws(effect: Leased) -> bool:
    """Return whether the effect closes its row."""
    return bool(effect.data.get(MARK))
