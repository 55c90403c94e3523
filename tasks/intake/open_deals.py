"""Opens onboardings for won deals: opened if fresh, adopted if under way, blocked if the CRM holds one already."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.crm import written_rows
from database.key_values import KeyValue
from database.onboardings import counts, openings, orders, overview, waiting
from database.onboardings.openings import NewOnboarding
from database.outbox import planned
from onboarding.crm.opening import OPENS, Customers, DealDecision, Intake, sort_deals
from onboarding.crm.opening import Opening as DealOpening
from onboarding.facts.tiers import PROVISIONAL, held
from onboarding.messages.notes import note, occurrence_of
from onboarding.messages.undelivered import waiting_post
from onboarding.model.case import Progress
from onboarding.model.crm_records import CrmDeal
from onboarding.model.parties import Account, Owner
from onboarding.model.vocabulary import Stage, VendorRole
from onboarding.orders import Order
from onboarding.people.absences import away
from onboarding.people.team import assign
from tasks.intake.first_tiers import chosen, held_back, still_undecided
from tasks.review.first_drafts import note_first_customers
from tasks.runtime.context import RunContext
from tasks.runtime.first_day import first_moment
from tasks.runtime.reports import IntakeReport
from tasks.runtime.scope import Scope

ACCOUNTS = 125
"""How many accounts' deals are opened in one transaction. Our choice."""


@dataclass
class _Shares:
    """The owners and their load, kept up to date while several onboardings are opened at once."""

    owners: Mapping[str, Owner]
    present: Mapping[str, Owner]
    """Those who are not away."""
    load: Counter[str]


@dataclass
class Opening:
    """The accounts whose won deals wait, opened some at a time, and what came of it. Used for one run."""

    context: RunContext
    as_of: datetime
    scope: Scope
    waiting: list[str] = field(default_factory=list)
    """Ids of the accounts that are left."""
    strangers: Mapping[str, str] = field(default_factory=dict)
    """The key of an onboarding in the CRM that this database does not know, by account id."""
    shares: "_Shares | None" = None
    untold: list[tuple[str, str, str]] = field(default_factory=list)
    """Onboardings that wait for a person, as (key, account's name, reason)."""
    report: IntakeReport = field(default_factory=IntakeReport)

    def begin(self, conn: Connection) -> None:
        """Find the deals that wait, and block onboardings of which the CRM holds another one. Safe to repeat."""
        found = waiting.waiting_accounts(conn, first_moment(conn, self.context.settings, self.as_of))
        named = self.scope.accounts
        self.waiting = found if named is None else [one for one in found if one in named]
        self.strangers = _block_known(conn, self.as_of)
        self.report = IntakeReport(blocked=len(self.strangers))

    def open_some(self, conn: Connection) -> None:
        """Open, adopt or extend an onboarding for each waiting deal of the next accounts, within the caller's
        transaction.

        Safe to run twice: an onboarding has its deal's id, and a deal that is attached is not waiting any more.
        """
        some, self.waiting = self.waiting[:ACCOUNTS], self.waiting[ACCOUNTS:]
        since = first_moment(conn, self.context.settings, self.as_of)
        fresh = waiting.waiting_deals(conn, since, some)
        if not fresh:
            return
        deals, found = {deal.id: deal for deal in fresh}, self._sorted(conn, fresh, since)
        opened = _open(conn, self, found, deals)
        extends = DealDecision.EXTEND
        extended = {one.deal_id: one.onboarding_key for one in found if one.decision is extends and one.onboarding_key}
        openings.attach_deals(conn, extended, self.as_of)
        _note(conn, found, deals, self.as_of, self.scope)
        self.untold += waiting.blocked_of(
            conn, {one.deal_id for one in found if one.deal_id in opened and one.account_id not in self.strangers}
        )
        kinds = Counter(one.decision for one in found if one.deal_id in opened or one.decision is extends)
        self.report = replace(
            self.report,
            opened=self.report.opened + kinds[DealDecision.OPEN] + kinds[DealDecision.ASK],
            adopted=self.report.adopted + kinds[DealDecision.ADOPT],
            extended=self.report.extended + kinds[extends],
        )

    def end(self, conn: Connection, kept: KeyValue | None) -> None:
        """Tell of the onboardings that wait for a person once all are opened, and of those of a run that was ended
        before it told: ``kept`` is what it left. Until then keep since when."""
        if self.waiting:
            if kept is None:
                key_values.write(conn, key_values.UNTOLD, self.as_of.isoformat(), self.as_of)
            return
        told = self.untold
        if kept is not None:
            strange = {blocked_because(one) for one in self.strangers.values()}
            since = waiting.blocked_since(conn, datetime.fromisoformat(kept.value))
            told = [one for one in since if one[2] not in strange]
            key_values.forget(conn, key_values.UNTOLD)
        _tell(conn, told, self.as_of)

    def _sorted(self, conn: Connection, fresh: Sequence[CrmDeal], since: datetime) -> tuple[DealOpening, ...]:
        settings, accounts = self.context.settings, {deal.account_id for deal in fresh}
        intake = Intake(since=since, fresh_days=settings.fresh_days, only_accounts=settings.only_accounts)
        live = openings.live_onboardings(conn, accounts)
        return sort_deals(fresh, live, _customers(conn, self.context, accounts), intake, self.as_of)


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
    conn: Connection, opening: Opening, found: Sequence[DealOpening], deals: Mapping[str, CrmDeal]
) -> frozenset[str]:
    context, as_of = opening.context, opening.as_of
    new = [one for one in found if one.decision in OPENS]
    if not new:
        return frozenset()
    accounts = openings.accounts(conn, {one.account_id for one in new})
    shares = opening.shares = opening.shares or _shares(conn, as_of)
    rows = [
        _onboarding(context, as_of, one, deals[one.deal_id], accounts[one.account_id], shares, opening.strangers)
        for one in new
    ]
    for name in {row.progress.tier for row in rows if row.progress.tier}:
        playbook_version = context.library[name]
        key_values.keep_playbook(conn, playbook_version.hash, name, playbook_version.content, as_of)
    opened = openings.open_onboardings(conn, rows, as_of)
    known = {row.key: tier for row in rows if row.key in opened and (tier := held(row.progress))}
    note_first_customers(conn, context, known, as_of)
    return opened


def _shares(conn: Connection, as_of: datetime) -> _Shares:
    owners = overview.owners(conn)
    present = {owner.id: owner for owner in owners.values() if away(owner, as_of) is None}
    return _Shares(owners=owners, present=present, load=counts.loads(conn))


def _onboarding(
    context: RunContext,
    as_of: datetime,
    one: DealOpening,
    deal: CrmDeal,
    account: Account,
    shares: _Shares,
    strangers: Mapping[str, str],
) -> NewOnboarding:
    tier, because = chosen(context, deal, account)
    if undecidable := still_undecided(context, deal, account):
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
            blocked=blocked_because(stranger) if stranger else held_back(context, one, deal, account),
            assignments=assignments,
        ),
    )


def _tell(conn: Connection, blocked: Sequence[tuple[str, str, str]], as_of: datetime) -> None:
    """Plan one note to the managers' channel on the onboardings that were just opened and wait for a decision."""
    if blocked:
        occurrence = occurrence_of((key for key, _, _ in blocked), as_of)
        post = waiting_post((name, because) for _, name, because in sorted(blocked, key=lambda one: (one[1], one[0])))
        told = note("waiting", occurrence, post, f"{len(blocked)} onboardings wait for a decision", as_of)
        planned.plan(conn, [(None, told)], as_of)


def _note(
    conn: Connection, found: Sequence[DealOpening], deals: Mapping[str, CrmDeal], as_of: datetime, scope: Scope
) -> None:
    """Note in the journal why each deal was opened, adopted or attached."""
    lines = [
        (one.onboarding_key, one.decision.value, deals[one.deal_id].name, one.because)
        for one in found
        if one.onboarding_key is not None
    ]
    openings.note(conn, lines, at=as_of, by=scope.by)
