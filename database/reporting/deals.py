"""Every won deal that the CRM has shown, followed or not, with what else is known of its account."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, or_, select, true

from database import key_values
from database.events.periods import Period, by_day
from database.events.usage import own_people
from database.tables import AccountRow, DealRow, OnboardingRow, OwnerRow, SignalDayRow, StakeholderRow
from onboarding.audit import HistoricDeal
from onboarding.metrics.contracts import FurtherDeal, contract_end
from onboarding.model.vocabulary import CustomerRole, HandoffItem
from onboarding.stages.handoff import is_answer


def usage_is_known(conn: Connection) -> bool:
    """Return whether a source of product usage is connected."""
    return key_values.read(conn, key_values.SIGNALS) is not None


def further_deals(conn: Connection, keys: Collection[str], as_of: datetime) -> Mapping[str, tuple[FurtherDeal, ...]]:
    """Return by onboarding its account's won deals signed after its own signature, up to ``as_of``, in their order; an
    onboarding without such a deal is missing. One statement."""
    query = (
        select(OnboardingRow.key, DealRow.amount, DealRow.fields)
        .join(DealRow, DealRow.account_id == OnboardingRow.account_id)
        .where(OnboardingRow.key.in_(sorted(keys)), DealRow.won, DealRow.id != OnboardingRow.key)
        .where(DealRow.signed_at > OnboardingRow.signed_at, DealRow.signed_at <= as_of)
        .where(or_(DealRow.removed_at.is_(None), DealRow.removed_at > as_of))
        .order_by(OnboardingRow.key, DealRow.signed_at, DealRow.id)
    )
    found: defaultdict[str, list[FurtherDeal]] = defaultdict(list)
    for key, amount, fields in conn.execute(query):
        found[key].append(FurtherDeal(amount=amount, ends_on=contract_end(fields)))
    return {key: tuple(deals) for key, deals in found.items()}


def historic_deals(conn: Connection, as_of: datetime, since: datetime | None = None) -> list[HistoricDeal]:
    """Return the won deals signed by ``as_of`` (and from ``since`` on) that are still in the CRM. Three statements."""
    ours = own_people(key_values.read(conn, key_values.OUR_PEOPLE))
    period = Period(
        whose=DealRow.id,
        which=true(),
        now=as_of,
        begins=lambda at: at >= DealRow.signed_at,
        joined=((DealRow, DealRow.account_id == SignalDayRow.account_id),),
    )
    days = by_day(period, ~ours(SignalDayRow.user)).c
    first_use = select(days.whose, func.min(days.first_at)).group_by(days.whose)
    sponsor = case((StakeholderRow.role == CustomerRole.EXECUTIVE_SPONSOR.value, StakeholderRow.person_id))
    people = (
        select(
            StakeholderRow.deal_id,
            func.count(StakeholderRow.person_id.distinct()).label("people"),
            func.count(sponsor).label("sponsors"),
        )
        .where(StakeholderRow.role.is_not(None), StakeholderRow.gone_at.is_(None))
        .group_by(StakeholderRow.deal_id)
    )
    used = dict(row._tuple() for row in conn.execute(first_use))
    named = {row.deal_id: row for row in conn.execute(people)}
    query = (
        select(
            *(DealRow.id, DealRow.signed_at, DealRow.handoff, DealRow.handoff_seen_at, DealRow.kickoff_at),
            *(DealRow.kickoff_seen_at, DealRow.go_live_on, AccountRow.name, OwnerRow.email),
            *(OnboardingRow.opened_at, OnboardingRow.adopted_at, AccountRow.churned_on, AccountRow.zone),
        )
        .join(AccountRow, AccountRow.id == DealRow.account_id)
        .outerjoin(OwnerRow, OwnerRow.id == DealRow.seller_id)
        .outerjoin(OnboardingRow, OnboardingRow.key == DealRow.onboarding_key)
        .where(DealRow.won, DealRow.removed_at.is_(None), DealRow.signed_at <= as_of)
    )
    if since is not None:
        query = query.where(DealRow.signed_at >= since)
    return [_deal(row, as_of, used.get(row.id), named.get(row.id)) for row in conn.execute(query.order_by(DealRow.id))]


def _deal(row: Row[Any], as_of: datetime, first_use_at: datetime | None, people: Row[Any] | None) -> HistoricDeal:
    seen = row.handoff_seen_at is None or row.handoff_seen_at <= as_of
    dated = row.kickoff_seen_at is None or row.kickoff_seen_at <= as_of
    return HistoricDeal(
        deal_id=row.id,
        account_name=row.name,
        seller=row.email,
        signed_at=row.signed_at,
        followed=row.opened_at is not None and row.adopted_at is None,
        answered=frozenset(_answered(row.handoff.items())) if seen else None,
        people=people.people if people else 0,
        sponsor=bool(people and people.sponsors),
        kickoff_at=row.kickoff_at if dated else None,
        go_live_on=row.go_live_on,
        first_use_at=first_use_at,
        churned_on=row.churned_on,
        zone=row.zone,
    )


def _answered(handoff: Iterable[tuple[str, str]]) -> list[HandoffItem]:
    return [HandoffItem(item) for item, text in handoff if is_answer(text)]
