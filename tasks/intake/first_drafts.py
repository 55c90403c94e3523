"""Notes on the first customers of a tier that their mails are drafts, where the playbook says so."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection

from database.onboardings import counts
from database.onboardings.openings import NewOnboarding
from onboarding.drafts.decisions import FIRST_CUSTOMER
from onboarding.model.case import Fact
from onboarding.model.vocabulary import FactKind
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter


def note_first_customers(
    conn: Connection, context: RunContext, rows: Iterable[NewOnboarding], opened: Collection[str], as_of: datetime
) -> None:
    """Store the fact for each onboarding that was just opened in this transaction and is among the first of its tier.

    Safe to repeat: a fact counts once.
    """
    new = [row for row in rows if row.key in opened and row.progress.tier is not None]
    limits = {tier: version.playbook.first_drafts for tier, version in context.library.playbook_versions.items()}
    if not any(limits.get(row.progress.tier) for row in new if row.progress.tier):
        return
    after = counts.count_by_tier(conn)
    facts: dict[str, list[Fact]] = {}
    for row in reversed(new):
        tier = row.progress.tier
        limit = limits.get(tier) if tier else None
        number = after[tier] if tier else 0
        after[tier or ""] -= 1
        if limit is not None and number <= limit.customers:
            facts[row.key] = [_fact(number, limit.customers, as_of)]
    enter(conn, facts, as_of)


def _fact(number: int, of: int, at: datetime) -> Fact:
    return Fact(
        key=f"intake:{FactKind.DRAFT}:{FIRST_CUSTOMER}",
        kind=FactKind.DRAFT,
        name=FIRST_CUSTOMER,
        at=at,
        learned_at=at,
        source="intake",
        by="first90",
        value={"number": number, "of": of},
    )
