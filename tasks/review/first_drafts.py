"""Notes on the first customers of a tier that their mails are drafts, where the playbook says so."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from database.onboardings import counts
from onboarding.drafts.decisions import FIRST_CUSTOMER
from onboarding.facts.tiers import held
from onboarding.model.case import Fact
from onboarding.model.vocabulary import FactKind, Tier
from onboarding.review_case import Reviewed
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter


def note_first_customers(conn: Connection, context: RunContext, tiers: Mapping[str, Tier], as_of: datetime) -> None:
    """Store the fact for each of these onboardings, whose tier holds from now on, that is among the first of its tier.

    They are stored with it, and count in their order after all others of the tier; whose tier is only assumed counts
    for none. Safe to repeat: a fact counts once.
    """
    versions = context.library.playbook_versions
    limits = {tier: version.playbook.first_drafts for tier, version in versions.items()}
    limited = {key: (tier, limit.customers) for key, tier in tiers.items() if (limit := limits.get(tier))}
    if not limited:
        return
    number = counts.count_by_tier(conn)
    number.subtract(tier for tier, _ in limited.values())
    facts: dict[str, list[Fact]] = {}
    for key, (tier, of) in limited.items():
        number[tier] += 1
        if number[tier] <= of:
            facts[key] = [_fact({"number": number[tier], "of": of, "tier": tier}, as_of)]
    enter(conn, facts, as_of)


def note_moved_customers(conn: Connection, context: RunContext, saved: Iterable[Reviewed], as_of: datetime) -> None:
    """Store it for each onboarding that these reviews, just saved, gave another tier, or one no longer assumed."""
    tiers = {
        one.case.key: tier for one in saved if (tier := held(one.review.progress)) and tier != held(one.case.progress)
    }
    note_first_customers(conn, context, tiers, as_of)


def _fact(value: Mapping[str, int | str], at: datetime) -> Fact:
    return Fact(
        key=f"intake:{FactKind.DRAFT}:{FIRST_CUSTOMER}:{value['tier']}",
        kind=FactKind.DRAFT,
        name=FIRST_CUSTOMER,
        at=at,
        learned_at=at,
        source="intake",
        by="first90",
        value=value,
    )
