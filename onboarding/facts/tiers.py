"""The tier of a customer: by deal size, seats and complexity from a table, unless a person sets it (TI-1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import NamedTuple

from onboarding.model.case import Case, Fact, Progress
from onboarding.model.crm_records import CrmDeal
from onboarding.model.parties import Account
from onboarding.model.schedule import Source, Written
from onboarding.model.vocabulary import FactKind, Tier
from onboarding.values import dataclass

Choice = tuple[Tier, str]
"""A tier, and the reason for it in words."""

TIER_OPEN = "its tier is left to a person"
"""Prefix of the reason for which nothing is sent until a person has chosen a tier."""
PROVISIONAL = "only until somebody chooses"
"""Prefix of the reason of a tier that is only assumed while nothing is sent."""
COMPLEXITY = "complexity"
"""Name under which the mapping gives the CRM's field for how complex an onboarding is."""


class Size(NamedTuple):
    """What the table asks of a customer; None where it is not known."""

    amount: float | None = None
    """In the currency of the tier rules."""
    seats: int | None = None
    complexity: str | None = None


class PlaybookPolicy(StrEnum):
    """When an onboarding in flight moves to a new version of its playbook."""

    PIN = "pin"
    """Only when a person adopts it."""
    FOLLOW = "follow"
    """With the next run."""
    FOLLOW_NEXT_STAGE = "follow_next_stage"
    """With the first run after it has entered its next stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule(Written):
    """One line of the table: a threshold that is reached, or a complexity, is enough; with neither it takes all."""

    tier: Tier
    amount_from: float | None = field(default=None, metadata={"ge": 0})
    """Deal amount in the currency of the tier rules."""
    seats_from: int | None = field(default=None, metadata={"ge": 0})
    complexity: tuple[str, ...] = ()
    """Values of the field that the mapping names ``complexity``: the deal's, else its account's."""
    source: Source

    @property
    def takes_all(self) -> bool:
        """Return whether it has no threshold and names no complexity."""
        return self.amount_from is None and self.seats_from is None and not self.complexity

    def matches(self, size: Size) -> str | None:
        """Return why the rule matches, or None. An unknown figure reaches no threshold."""
        amount, seats, complexity = size
        if self.seats_from is not None and seats is not None and seats >= self.seats_from:
            return f"{seats} seats, {self.tier} starts at {self.seats_from}"
        if self.amount_from is not None and amount is not None and amount >= self.amount_from:
            return f"deal of {amount:,.0f}, {self.tier} starts at {self.amount_from:,.0f}"
        if complexity and complexity.casefold() in {one.casefold() for one in self.complexity}:
            return f"complexity {complexity}, which gets {self.tier}"
        return "neither amount nor seats reach a higher tier" if self.takes_all else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules(Written):
    """The table of tiers; the first rule that matches decides."""

    rules: tuple[TierRule, ...] = field(metadata={"min_length": 1})
    on_playbook_change: Mapping[Tier, PlaybookPolicy] = field(default_factory=dict)
    """When onboardings in flight move to a new version of their tier's playbook; ``pin`` where a tier is not named."""

    def __post_init__(self) -> None:
        if not self.rules[-1].takes_all:
            raise ValueError("the last rule must have no threshold, so that every customer gets a tier")
        for number, rule in enumerate(self.rules[:-1], start=1):
            if rule.takes_all:
                raise ValueError(f"rule {number} ({rule.tier}) has no threshold, so no later rule is ever reached")


def size_of(deal: CrmDeal, account: Account) -> Size:
    """Return what the table asks; the complexity of the deal comes before that of its account."""
    return Size(deal.amount, deal.seats, deal.fields.get(COMPLEXITY) or account.fields.get(COMPLEXITY))


def choose(rules: TierRules, size: Size, override: Tier | None = None) -> Choice:
    """Return the tier for this size and the reason; ``override`` is the tier set on the account in the CRM."""
    if override is not None:
        return override, "set on the account in the CRM"
    for rule in rules.rules:
        if because := rule.matches(size):
            return rule.tier, because
    raise ValueError("no tier rule matches; the last rule must have no threshold")


def undecided(rules: TierRules, deal: CrmDeal, account: Account, known: Collection[Tier]) -> str | None:
    """Return why the tier cannot be told: an amount without a conversion rate decides it, or its account has one that
    is not ``known``, or not any more. None if it can."""
    named = account.unknown_tier or account.tier_override
    if named and named not in known:
        return f"its account has the tier {named}, of which there is no playbook"
    if account.tier_override is not None or deal.amount is not None or deal.price is None:
        return None
    for rule in rules.rules:
        if rule.matches(size_of(deal, account)) and not rule.takes_all:
            return None
        if rule.amount_from is not None:
            return f"there is no rate for the deal's {deal.price}"
    return None


def held(progress: Progress) -> Tier | None:
    """Return the tier that was saved; None while it is only assumed, until a person or a rate decides it."""
    return None if progress.tier_because.startswith(PROVISIONAL) else progress.tier


def current(case: Case, facts: Sequence[Fact]) -> Choice | None:
    """Return the tier that holds now, or None if none has been chosen yet.

    A named person's ``retier`` with a reason comes before the account's field, and that before the rule's choice
    at opening. ``facts`` are in the order of ``reports.known``.
    """
    for fact in reversed(facts):
        chosen = _retier(fact.value) if fact.kind == FactKind.RETIER and fact.by.strip() else None
        if chosen is not None:
            return chosen[0], f"set by {fact.by}: {chosen[1]}"
    if case.account.tier_override is not None:
        return case.account.tier_override, "set on the account in the CRM"
    if case.progress.tier is not None:
        return case.progress.tier, case.progress.tier_because
    return None


def _retier(value: Mapping[str, object]) -> Choice | None:
    tier, reason = str(value.get("tier", "")), str(value.get("reason", "")).strip()
    return (Tier(tier), reason) if tier and reason else None
