"""Intake of won deals: which open an onboarding, which extend one, and which are adopted under way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from onboarding.dates.leaving import left, left_before
from onboarding.model.crm_records import CrmDeal
from onboarding.model.parties import Account


class DealDecision(StrEnum):
    """The decision about a deal that belongs to no onboarding yet."""

    OPEN = "open"
    ASK = "ask"
    """Opened, and nothing is sent before a person decides."""
    ADOPT = "adopt"
    EXTEND = "extend"
    TOO_OLD = "too_old"
    OUTSIDE_PILOT = "outside_pilot"
    NOT_WON = "not_won"


class Begun(NamedTuple):
    """An onboarding under way: its key, and when it was signed."""

    key: str
    signed_at: datetime


OPENS = frozenset({DealDecision.OPEN, DealDecision.ASK, DealDecision.ADOPT})
"""Decisions that make a new onboarding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """The earlier deals of accounts, and what to do with a fresh deal of an existing customer without a live
    onboarding."""

    earlier: Mapping[str, Sequence[tuple[datetime, str]]] = field(default_factory=dict)
    """The won deals of each account, as (signed at, name), however old."""
    latest: Mapping[str, str] = field(default_factory=dict)
    """Account id to the key of its latest onboarding, live or not."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    """The accounts themselves, by id."""
    then: Literal["ask", "adopt", "extend", "open"] = "ask"

    def because(self, deal: CrmDeal) -> str | None:
        """Return why the account was a customer before this deal, or None."""
        if deal.existing:
            return f"the account was a customer before: {deal.existing}"
        before = [one for one in self.earlier.get(deal.account_id, ()) if one[0] < deal.signed_at]
        account = self.accounts.get(deal.account_id)
        if not before and account is not None and left_before(account, deal.signed_at):
            return f"the account was a customer before: the CRM says that they left on {account.churned_on}"
        if not before:
            return None
        at, name = max(before)
        return f"the account was a customer before: {name!r} was signed on {at.date().isoformat()}"

    def left_since(self, begun: Begun, deal: CrmDeal, now: datetime) -> bool:
        """Return whether the customer left between the signature of ``begun`` and that of ``deal``."""
        account = self.accounts.get(deal.account_id)
        return account is not None and left(account, begun.signed_at, now) and not left(account, deal.signed_at, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The settings that decide which deals are taken in."""

    since: datetime
    fresh_days: int
    only_accounts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The decision about one deal, and the reason."""

    deal_id: str
    account_id: str
    decision: DealDecision
    onboarding_key: str | None
    because: str


def sort_deals(
    deals: Iterable[CrmDeal],
    live: Mapping[str, Begun],
    customers: Customers,
    intake: Intake,
    now: datetime,
) -> tuple[Opening, ...]:
    """Return a decision for every deal that belongs to no onboarding yet.

    ``live`` maps account ids to their live onboarding. Of several won deals of one account the earliest signature
    opens, the others extend it (DE-6); one that was signed after the customer left opens another onboarding. A
    deal first seen more than ``fresh_days`` after its signature is adopted rather than opened. A fresh deal of an
    existing customer is not welcomed as new: ``customers`` says what is done with it. Safe to repeat: the decision
    depends on the arguments alone.
    """
    openings: list[Opening] = []
    taken = dict(live)
    for deal in sorted(deals, key=lambda deal: (deal.account_id, deal.signed_at, deal.id)):
        decision, key, because = _judge(deal, taken, customers, intake, now)
        if decision in OPENS:
            taken[deal.account_id] = Begun(deal.id, deal.signed_at)
        openings.append(
            Opening(
                deal_id=deal.id,
                account_id=deal.account_id,
                decision=decision,
                onboarding_key=key,
                because=because,
            )
        )
    return tuple(openings)


def _judge(
    deal: CrmDeal,
    taken: Mapping[str, Begun],
    customers: Customers,
    intake: Intake,
    now: datetime,
) -> tuple[DealDecision, str | None, str]:
    if not deal.won:
        return DealDecision.NOT_WON, None, f"its stage is {deal.stage_name or 'empty'}, not won"
    if intake.only_accounts is not None and deal.account_id not in intake.only_accounts:
        return DealDecision.OUTSIDE_PILOT, None, "the account is not in FIRST90_ACCOUNTS"
    if deal.signed_at < intake.since:
        return DealDecision.TOO_OLD, None, f"signed before {intake.since.date().isoformat()}, the first date taken in"
    begun = taken.get(deal.account_id)
    if begun is not None and not customers.left_since(begun, deal, now):
        return DealDecision.EXTEND, begun.key, "the account already has a live onboarding"
    if deal.signed_at > now:
        return DealDecision.NOT_WON, None, f"signed in the future ({deal.signed_at.date().isoformat()}); it waits"
    age, known = now - deal.signed_at, customers.because(deal)
    if age > timedelta(days=intake.fresh_days):
        stale = f"first seen {age.days} days after its signature (fresh up to {intake.fresh_days})"
        return DealDecision.ADOPT, deal.id, f"{stale}; {known}" if known else stale
    if known is None or customers.then == "open":
        return DealDecision.OPEN, deal.id, f"signed {deal.signed_at.date().isoformat()}"
    if customers.then == "extend" and deal.account_id in customers.latest:
        return DealDecision.EXTEND, customers.latest[deal.account_id], known
    then = DealDecision.ADOPT if customers.then == "extend" else DealDecision(customers.then)
    return then, deal.id, known
