"""Opens onboardings for won deals: opened if fresh, adopted if under way, blocked if the CRM holds one already."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.crm import written_rows
from database.onboardings import counts, openings, orders, overview, waiting
from database.onboardings.openings import NewOnboarding
from database.outbox import planned
from onboarding.crm.opening import OPENS, Customers, DealDecision, Intake, Opening, sort_deals
from onboarding.facts.tiers import PROVISIONAL, TIER_OPEN, Choice, choose, held, size_of, undecided
from onboarding.messages.notes import note, occurrence_of
from onboarding.messages.undelivered import waiting_post
from onboarding.model.case import Progress
from onboarding.model.crm_records import CrmDeal
from onboarding.model.parties import Account, Owner
from onboarding.model.vocabulary import Stage, VendorRole
from onboarding.orders import Order
from onboarding.people.absences import away
from onboarding.people.team import assign
from tasks.review.first_drafts import note_first_customers
from tasks.runtime.context import RunContext
from tasks.runtime.first_day import first_moment
from tasks.runtime.reports import IntakeReport
from tasks.runtime.scope import Scope


@dataclass
class _Shares:
    """The owners and their load, kept up to date while several onboardings are opened at once."""

    owners: Mapping[str, Owner]
    present: Mapping[str, Owner]
    """Those who are not away."""
    load: Counter[str]


def open_won_deals(conn: Connection, context: RunContext, as_of: datetime, scope: Scope) -> IntakeReport:
    """Open, adopt or extend an onboarding for each won deal that belongs to none, within the caller's transaction.

    Safe to run twice: an onboarding has its deal's id, and a deal that is attached is not waiting any more.
    """
    fresh = openings.waiting_deals(conn, first_moment(conn, context.settings, as_of))
    if scope.accounts is not None:
        fresh = tuple(deal for deal in fresh if deal.account_id in scope.accounts)
    strangers = _block_known(conn, as_of)
    if not fresh:
        return IntakeReport(blocked=len(strangers))
    deals = {deal.id: deal for deal in fresh}
    accounts = {deal.account_id for deal in fresh}
    intake = Intake(
        since=first_moment(conn, context.settings, as_of),
        fresh_days=context.settings.fresh_days,
        only_accounts=context.settings.only_accounts,
    )
    live = openings.live_onboardings(conn, accounts)
    found = sort_deals(fresh, live, _customers(conn, context, accounts), intake, as_of)
    opened = _open(conn, context, as_of, found, deals, strangers)
    extended = {
        one.deal_id: one.onboarding_key for one in found if one.decision is DealDecision.EXTEND and one.onboarding_key
    }
    openings.attach_deals(conn, extended, as_of)
    _note(conn, found, deals, as_of, scope)
    decisions = Counter(one.decision for one in found if one.deal_id in opened or one.decision is DealDecision.EXTEND)
    _tell(conn, {one.deal_id for one in found if one.deal_id in opened and one.account_id not in strangers}, as_of)
    return IntakeReport(
        opened=decisions[DealDecision.OPEN] + decisions[DealDecision.ASK],
        adopted=decisions[DealDecision.ADOPT],
        extended=decisions[DealDecision.EXTEND],
        blocked=len(strangers),
    )


def _customers(conn: Connection, context: RunContext, accounts: Collection[str]) -> Customers:
    """Return which of the accounts were customers before, by the rule of the mapping."""
    rule = context.mapping.existing
    return Customers(
        accounts=openings.accounts(conn, accounts),
        earlier=waiting.won_deals(conn, accounts) if rule.earlier_deals else {},
        latest=waiting.latest_onboardings(conn, accounts) if rule.then == "extend" else {},
        then=rule.then,
    )


def blocked_because(stranger: str) -> str:
    """Return why nothing is sent for an account of which the CRM holds an onboarding already."""
    return (
        f"the CRM holds an onboarding ({stranger}) that this database does not know; look at it, then take it over "
        "with `first90 adopt`"
    )


def _block_known(conn: Connection, as_of: datetime) -> Mapping[str, str]:
    """Block live onboardings of accounts with an unknown onboarding in the CRM; return that one's key by account id."""
    strangers = written_rows.strangers(conn)
    for account_id, live in openings.live_onboardings(conn, list(strangers)).items():
        if not openings.is_blocked(conn, live.key):
            orders.block(conn, live.key, Order(by="first90", now=as_of, reason=blocked_because(strangers[account_id])))
    return strangers


def _open(
    conn: Connection,
    context: RunContext,
    as_of: datetime,
    found: Sequence[Opening],
    deals: Mapping[str, CrmDeal],
    strangers: Mapping[str, str],
) -> frozenset[str]:
    new = [one for one in found if one.decision in OPENS]
    if not new:
        return frozenset()
    accounts = openings.accounts(conn, {one.account_id for one in new})
    owners = overview.owners(conn)
    present = {owner.id: owner for owner in owners.values() if away(owner, as_of) is None}
    shares = _Shares(owners=owners, present=present, load=counts.loads(conn))
    rows = [
        _onboarding(context, as_of, one, deals[one.deal_id], accounts[one.account_id], shares, strangers) for one in new
    ]
    for chosen in {row.progress.tier for row in rows if row.progress.tier}:
        playbook_version = context.library[chosen]
        key_values.keep_playbook(conn, playbook_version.hash, chosen, playbook_version.content, as_of)
    opened = openings.open_onboardings(conn, rows, as_of)
    known = {row.key: tier for row in rows if row.key in opened and (tier := held(row.progress))}
    note_first_customers(conn, context, known, as_of)
    return opened


def _onboarding(
    context: RunContext,
    as_of: datetime,
    one: Opening,
    deal: CrmDeal,
    account: Account,
    shares: _Shares,
    strangers: Mapping[str, str],
) -> NewOnboarding:
    tier, because = _chosen(context, deal, account)
    if undecidable := _undecided(context, deal, account):
        because = f"{PROVISIONAL}: {undecidable}"
    assignments = assign(context.team, tier, account.country, shares.owners, shares.load)
    # Who is away gets no new customer where another one may have it.
    assignments |= assign(context.team, tier, account.country, shares.present, shares.load)
    csm = account.csm_id or assignments.get(VendorRole.CSM) or account.owner_id
    shares.load.update([csm] if csm else [])
    stranger = strangers.get(deal.account_id)
    return NewOnboarding(
        key=deal.id,
        account_id=deal.account_id,
        signed_at=deal.signed_at,
        progress=Progress(
            stage_times={Stage.HANDOFF: deal.signed_at},
            tier=tier,
            tier_because=because,
            playbook=context.library[tier].hash,
            opened_at=as_of,
            adopted_at=as_of if one.decision is DealDecision.ADOPT else None,
            blocked=blocked_because(stranger) if stranger else _held_back(context, one, deal, account),
            assignments=assignments,
        ),
    )


def _chosen(context: RunContext, deal: CrmDeal, account: Account) -> Choice:
    """Return the tier of a new customer and the reason; one of which there is a playbook."""
    override = account.tier_override if account.tier_override in context.library else None
    return choose(context.library.tiers, size_of(deal, account), override)


def _undecided(context: RunContext, deal: CrmDeal, account: Account) -> str | None:
    return undecided(context.library.tiers, deal, account, context.library.playbook_versions)


def _held_back(context: RunContext, one: Opening, deal: CrmDeal, account: Account) -> str | None:
    """Return why nothing is sent until a person has decided, with the commands that decide; None where no decision is
    needed."""
    undecidable = _undecided(context, deal, account)
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
        if _undecided(context, deal, account) is None:
            tier, because = _chosen(context, deal, account)
            playbook_version = context.library[tier]
            key_values.keep_playbook(conn, playbook_version.hash, tier, playbook_version.content, as_of)
            waiting.settle_tier(conn, key, tier, because, playbook_version.hash)
            openings.note(conn, [(key, "tier", tier, because)], at=as_of, by="first90")
            note_first_customers(conn, context, {key: tier}, as_of)
            openings.touch(conn, [key], as_of)


def _tell(conn: Connection, opened: Collection[str], as_of: datetime) -> None:
    """Plan one note to the managers' channel on the onboardings that were just opened and wait for a decision."""
    blocked = waiting.blocked_of(conn, opened)
    if blocked:
        occurrence = occurrence_of((key for key, _, _ in blocked), as_of)
        post = waiting_post((name, because) for _, name, because in blocked)
        told = note("waiting", occurrence, post, f"{len(blocked)} onboardings wait for a decision", as_of)
        planned.plan(conn, [(None, told)], as_of)


def _note(
    conn: Connection, found: Sequence[Opening], deals: Mapping[str, CrmDeal], as_of: datetime, scope: Scope
) -> None:
    """Note in the journal why each deal was opened, adopted or attached."""
    lines = [
        (one.onboarding_key, one.decision.value, deals[one.deal_id].name, one.because)
        for one in found
        if one.onboarding_key is not None
    ]
    openings.note(conn, lines, at=as_of, by=scope.by)
