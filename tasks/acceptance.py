"""Won deals become onboardings: opened when fresh, adopted when under way, blocked where the CRM knows more."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from database import crm_rows, cursors, openings, orders, queries
from database.openings import NewOnboarding
from onboarding.case import Progress
from onboarding.opening import Opening, sort_deals
from onboarding.parties import Account, Owner
from onboarding.records import CrmDeal
from onboarding.team import assign
from onboarding.tiers import choose
from onboarding.words import Stage, VendorRole
from tasks.first_day import first_day
from tasks.reports import IntakeReport
from tasks.scope import Scope
from tasks.workplace import Workplace


@dataclass
class _Shares:
    """What assigning needs to know, kept up to date while several onboardings open at once."""

    owners: Mapping[str, Owner]
    load: Counter[str]


def open_won_deals(conn: Connection, place: Workplace, as_of: datetime, scope: Scope) -> IntakeReport:
    """Open, adopt or extend for every won deal that belongs to no onboarding yet, within the caller's transaction.

    Safe to run twice: a deal opens under its own id, and one that is attached no longer waits.
    """
    waiting = openings.waiting_deals(conn, _since(conn, place, as_of))
    if scope.accounts is not None:
        waiting = tuple(deal for deal in waiting if deal.account_id in scope.accounts)
    strangers = _block_known(conn, as_of)
    if not waiting:
        return IntakeReport(blocked=len(strangers))
    deals = {deal.id: deal for deal in waiting}
    found = sort_deals(
        waiting,
        openings.live_onboardings(conn, {deal.account_id for deal in waiting}),
        now=as_of,
        since=_since(conn, place, as_of),
        fresh_days=place.settings.fresh_days,
        only_accounts=place.settings.only_accounts,
    )
    opened = _open(conn, place, as_of, found, deals, strangers)
    extended = {one.deal_id: one.onboarding_key for one in found if one.verdict == "extend" and one.onboarding_key}
    openings.attach_deals(conn, extended, as_of)
    _note(conn, found, deals, as_of, scope)
    verdicts = Counter(one.verdict for one in found if one.deal_id in opened or one.verdict == "extend")
    return IntakeReport(
        opened=verdicts["open"],
        adopted=verdicts["adopt"],
        extended=verdicts["extend"],
        blocked=len(strangers),
    )


def blocked_because(stranger: str) -> str:
    """Why nothing leaves for an account that the CRM already has an onboarding of."""
    return (
        f"the CRM holds an onboarding ({stranger}) that this database does not know; look at it, then take it over "
        "with `first90 adopt`"
    )


def _since(conn: Connection, place: Workplace, as_of: datetime) -> datetime:
    """The first moment of the first day taken in."""
    cursors.first_run(conn, as_of)
    return datetime.combine(first_day(conn, place.settings, as_of), datetime.min.time(), UTC)


def _block_known(conn: Connection, as_of: datetime) -> Mapping[str, str]:
    """Block the live onboardings of accounts with a stranger; answers account id to the stranger's key."""
    strangers = crm_rows.strangers(conn)
    for account_id, key in openings.live_onboardings(conn, list(strangers)).items():
        if not openings.is_blocked(conn, key):
            orders.block(conn, key, blocked_because(strangers[account_id]), by="first90", at=as_of)
    return strangers


def _open(
    conn: Connection,
    place: Workplace,
    as_of: datetime,
    found: Sequence[Opening],
    deals: Mapping[str, CrmDeal],
    strangers: Mapping[str, str],
) -> frozenset[str]:
    new = [one for one in found if one.verdict in ("open", "adopt")]
    if not new:
        return frozenset()
    accounts = openings.accounts(conn, {one.account_id for one in new})
    shares = _Shares(owners=queries.owners(conn), load=openings.loads(conn))
    rows = [
        _onboarding(place, as_of, one, deals[one.deal_id], accounts[one.account_id], shares, strangers) for one in new
    ]
    for tier in {row.progress.tier for row in rows if row.progress.tier}:
        edition = place.shelf[tier]
        cursors.keep_playbook(conn, edition.hash, tier.value, edition.content, as_of)
    return openings.open_onboardings(conn, rows, as_of)


def _onboarding(
    place: Workplace,
    as_of: datetime,
    one: Opening,
    deal: CrmDeal,
    account: Account,
    shares: _Shares,
    strangers: Mapping[str, str],
) -> NewOnboarding:
    tier, because = choose(place.shelf.tiers, deal.amount, deal.seats, account.tier_override)
    assignments = assign(place.team, tier, account.country, shares.owners, shares.load)
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
            playbook=place.shelf[tier].hash,
            opened_at=as_of,
            adopted_at=as_of if one.verdict == "adopt" else None,
            blocked=blocked_because(stranger) if stranger else None,
            assignments=assignments,
        ),
    )


def _note(
    conn: Connection, found: Sequence[Opening], deals: Mapping[str, CrmDeal], as_of: datetime, scope: Scope
) -> None:
    """The journal says of every deal that was taken why it was taken so."""
    lines = [
        (one.onboarding_key, one.verdict, deals[one.deal_id].name, one.because)
        for one in found
        if one.onboarding_key is not None
    ]
    openings.note(conn, lines, at=as_of, by=scope.by)
