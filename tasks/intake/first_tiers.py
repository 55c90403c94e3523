"""The tier of a new customer: chosen as its deal is opened, or settled later where its size could not be compared."""

from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.onboardings import openings, waiting
from onboarding.crm.opening import DealDecision, Opening
from onboarding.facts.tiers import TIER_OPEN, Choice, choose, size_of, undecided
from onboarding.model.crm_records import CrmDeal
from onboarding.model.parties import Account
from tasks.review.first_drafts import note_first_customers
from tasks.runtime.context import RunContext


def chosen(context: RunContext, deal: CrmDeal, account: Account) -> Choice:
    """Return the tier of a new customer and the reason; one of which there is a playbook."""
    override = account.tier_override if account.tier_override in context.library else None
    return choose(context.library.tiers, size_of(deal, account), override)


def still_undecided(context: RunContext, deal: CrmDeal, account: Account) -> str | None:
    """Return why the size of a customer cannot be compared; None where it can."""
    return undecided(context.library.tiers, deal, account, context.library.playbook_versions)


def held_back(context: RunContext, one: Opening, deal: CrmDeal, account: Account) -> str | None:
    """Return why nothing is sent until a person has decided, with the commands that decide; None where no decision is
    needed."""
    undecidable = still_undecided(context, deal, account)
    retier = f"`first90 retier {one.deal_id} --to TIER --reason WHY`"
    if one.decision is DealDecision.ASK:
        first = f"; before that choose its tier with {retier}: {undecidable}" if undecidable else ""
        return (
            f"{one.because}; a person decides: `first90 adopt {one.deal_id}` takes it over without a welcome, "
            f"`first90 adopt {one.deal_id} --welcome` begins it like a new customer's{first}"
        )
    return f"{TIER_OPEN}: {undecidable}; choose it with {retier}" if undecidable else None


def settle_tiers(conn: Connection, context: RunContext, as_of: datetime) -> None:
    """Unblock onboardings that waited for their tier and whose amount can be compared by now. Safe to repeat."""
    for key, deal, account in waiting.waiting_for_tier(conn, TIER_OPEN):
        if still_undecided(context, deal, account) is None:
            tier, because = chosen(context, deal, account)
            playbook_version = context.library[tier]
            key_values.keep_playbook(conn, playbook_version.hash, tier, playbook_version.content, as_of)
            waiting.settle_tier(conn, key, tier, because, playbook_version.hash)
            openings.note(conn, [(key, "tier", tier, because)], at=as_of, by="first90")
            note_first_customers(conn, context, {key: tier}, as_of)
            openings.touch(conn, [key], as_of)
