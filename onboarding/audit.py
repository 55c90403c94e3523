"""The audit of past onboarding from the CRM's history: every won deal, followed by first90 or not (ST-16).

Stages of past onboardings are not recorded in a CRM, so they stay unknown. Known are the handoff items that sales
filled in, dates of kickoff and go-live, the first use of the product, and customers who left.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from onboarding.dates.leaving import left_at
from onboarding.metrics import estimates
from onboarding.metrics.estimates import Estimate
from onboarding.metrics.figures import Share, Span
from onboarding.model.vocabulary import HandoffItem

DAY = timedelta(days=1)
EARLY = (90, 180)
NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoricDeal:
    """One won deal as the CRM shows it, with what else is known of its account."""

    deal_id: str
    account_name: str
    seller: str | None
    """Mail address."""
    signed_at: datetime
    followed: bool
    """Whether first90 followed the deal from its signature on."""
    answered: frozenset[HandoffItem] | None = None
    """The handoff items that sales answered; None if first90 did not see the deal at that time."""
    people: int = 0
    """Number of the customer's people with a role in this deal."""
    sponsor: bool = False
    kickoff_at: datetime | None = None
    go_live_on: date | None = None
    first_use_at: datetime | None = None
    churned_on: date | None = None
    zone: str | None = None
    """The account's zone, in which that day counts; None for UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerGaps:
    """Gaps in the handoffs of one seller (HO-9)."""

    seller: str
    deals: int
    complete: Estimate
    """Answered of all items."""
    missing: Mapping[HandoffItem, int]
    without_people: int
    """Number of deals without a contact that has a role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The figures of the audit. ``before`` are the deals that first90 did not follow from their signature on."""

    deals: int
    before: int
    first: datetime | None
    known: Mapping[str, int] = field(default_factory=dict)
    """For how many of the deals ``before`` the CRM has this information."""
    to_kickoff: Estimate | None = None
    to_first_use: Estimate | None = None
    early_churn: Mapping[int, Estimate] = field(default_factory=dict)
    """By days after the signature."""
    completeness: Estimate | None = None
    sellers: tuple[SellerGaps, ...] = ()
    """Ordered by completeness, lowest first."""

    def as_json(self) -> dict[str, Any]:
        """Return the audit as plain values."""
        return {
            "deals": self.deals,
            "before": self.before,
            "first_signed_at": self.first,
            "known": dict(self.known),
            "stages": None,
            "why": "the CRM does not tell the stages of deals that were not followed from their signature on",
            "days_to_kickoff": self.to_kickoff and self.to_kickoff.as_json(),
            "days_to_first_use": self.to_first_use and self.to_first_use.as_json(),
            "early_churn": {str(days): found.as_json() for days, found in self.early_churn.items()},
            "handoff_completeness": self.completeness and self.completeness.as_json(),
            "sellers": [
                {
                    "seller": one.seller,
                    "deals": one.deals,
                    "handoff_completeness": one.complete.as_json(),
                    "missing": {item.value: count for item, count in one.missing.items()},
                    "without_people": one.without_people,
                }
                for one in self.sellers
            ],
        }


def audit(deals: Sequence[HistoricDeal], as_of: datetime, *, usage_known: bool) -> Audit:
    """Return the audit at ``as_of`` (UTC). Pure; the order of the deals does not matter.

    Times to kickoff and first use, and early churn, cover the deals ``before`` only: the metrics cover the others in
    more detail. Handoffs cover all deals. ``usage_known``: whether a source of product usage is connected.
    """
    ordered = sorted(deals, key=lambda one: (one.signed_at, one.deal_id))
    before = [one for one in ordered if not one.followed]
    return Audit(
        deals=len(ordered),
        before=len(before),
        first=ordered[0].signed_at if ordered else None,
        known={
            "handoff": sum(1 for one in before if one.answered),
            "people": sum(1 for one in before if one.people),
            "executive_sponsor": sum(1 for one in before if one.sponsor),
            "kickoff": sum(1 for one in before if one.kickoff_at is not None),
            "go_live": sum(1 for one in before if one.go_live_on is not None),
            "first_use": sum(1 for one in before if one.first_use_at is not None),
            "stages": 0,
        },
        to_kickoff=_time([one for one in before if one.kickoff_at], "kickoff_at", as_of),
        to_first_use=_time(before, "first_use_at", as_of) if usage_known else None,
        early_churn={days: estimates.proportion(_early(before, days, as_of)) for days in EARLY},
        completeness=_completeness(ordered),
        sellers=_sellers(ordered),
    )


def _time(deals: Sequence[HistoricDeal], what: str, as_of: datetime) -> Estimate | None:
    """Return the median days from the signature to a moment; deals that have not reached it are censored."""
    spans = []
    for one in deals:
        at: datetime | None = getattr(one, what)
        reached = at is not None and at <= as_of
        end = at if reached and at is not None else _left_at(one, as_of) or as_of
        spans.append(Span((end - one.signed_at) / DAY, reached))
    return estimates.median_time(spans) if spans else None


def _early(deals: Sequence[HistoricDeal], days: int, as_of: datetime) -> list[Share]:
    watched = [one for one in deals if one.signed_at + days * DAY <= as_of]
    ends = [(_left_at(one, as_of), one.signed_at + days * DAY) for one in watched]
    return [Share(int(left is not None and left <= end), 1) for left, end in ends]


def _left_at(one: HistoricDeal, as_of: datetime) -> datetime | None:
    return left_at(one.churned_on, one.zone, one.signed_at, as_of)


def _completeness(deals: Sequence[HistoricDeal]) -> Estimate:
    shares = [Share(len(one.answered), len(HandoffItem)) for one in deals if one.answered is not None]
    return estimates.within(estimates.ratio(shares), 0.0, 1.0)


def _sellers(deals: Sequence[HistoricDeal]) -> tuple[SellerGaps, ...]:
    found: defaultdict[str, list[HistoricDeal]] = defaultdict(list)
    for one in deals:
        if one.answered is not None:
            found[one.seller or NOBODY].append(one)
    gaps = []
    for seller, own in found.items():
        missing = Counter(item for one in own for item in HandoffItem if item not in (one.answered or ()))
        gaps.append(
            SellerGaps(
                seller=seller,
                deals=len(own),
                complete=_completeness(own),
                missing={item: missing[item] for item in HandoffItem if missing[item]},
                without_people=sum(1 for one in own if not one.people),
            )
        )
    return tuple(sorted(gaps, key=lambda one: (one.complete.value or 0.0, one.seller)))
