"""Contracts: which were renewed, what a customer bought beyond the first, and in all (ME-14, ME-25)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from onboarding.facts.goal_lint import day_in_text
from onboarding.metrics.figures import Part, Share, Values
from onboarding.model.parties import Deal

CONTRACT_END = "contract_ends_on"
"""The name in the mapping of the deal's field that holds the last day of its contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherDeal:
    """A won deal of the account that was signed after the one that opened the onboarding."""

    amount: float | None
    """In the currency of the tier rules; None if unknown."""
    ends_on: date | None = None
    """The last day of its contract; None if the CRM does not say."""


def contract_end(fields: Mapping[str, str]) -> date | None:
    """Return the last day of a deal's contract by its mapped fields; None where there is none that can be read."""
    return day_in_text(fields.get(CONTRACT_END))


def contract_parts(deals: Sequence[Deal], further: Sequence[FurtherDeal], today: date) -> Mapping[str, Part]:
    """Return the contributions of an onboarding's own deals, with the account's further deals, on the account's day."""
    found: dict[str, Part] = {"expansion_rate": Share(int(bool(further)), 1)}
    amounts = [one.amount for one in further if one.amount is not None]
    if len(amounts) == len(further):
        found["expansion_revenue"] = Values((sum(amounts, 0.0),))
        if deals[0].amount is not None:
            found["lifetime_value"] = Values((sum(amounts, deals[0].amount),))
    own = [end for deal in deals if deal.won and (end := contract_end(deal.fields)) is not None]
    if ended := [end for end in own if end < today]:
        later = max([*own, *(one.ends_on for one in further if one.ends_on is not None)])
        found["renewal_rate"] = Share(sum(1 for end in ended if end < later), len(ended))
    return found
