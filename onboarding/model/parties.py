"""Who takes part: our people, the customer with its people and parts, and what was sold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from onboarding.model.vocabulary import CustomerRole, HandoffItem, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One of our people, as the CRM's users and the team file know them."""

    id: str
    name: str
    email: str
    called: str | None = None
    """How letters greet and name; empty for not at all. None: by the whole name."""
    active: bool = True
    zone: str = "UTC"
    country: str | None = None
    manager_id: str | None = None
    booking_url: str | None = None
    unreadable: str = ""
    """Why the CRM's record of this user cannot be read now; empty where it can. Such a one is not active either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The customer."""

    id: str
    name: str
    country: str | None = None
    """ISO 3166 two-letter code, or None where unknown."""
    zone: str | None = None
    domain: str | None = None
    tier_override: Tier | None = None
    csm_id: str | None = None
    owner_id: str | None = None
    churned_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A won opportunity. The first one gives the onboarding its key; later ones extend it."""

    id: str
    name: str
    signed_at: datetime
    won: bool = True
    lost: str = "the deal is no longer won"
    """Why it does not count, where it is not won."""
    amount: float | None = None
    seats: int | None = None
    seller_id: str | None = None
    handoff: Mapping[HandoffItem, str] = field(default_factory=dict)
    handoff_seen_at: datetime | None = None
    """When the CRM first showed us all five items; the signature itself if they were there at first sight."""
    kickoff_at: datetime | None = None
    kickoff_seen_at: datetime | None = None
    """When the CRM first showed an agreed time; the signature itself if it was there at first sight."""
    go_live_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of the customer's people."""

    id: str
    name: str
    email: str | None = None
    called: str | None = None
    """As for one of our people."""
    zone: str = "UTC"
    """Resolved at intake: the contact's country, else the account's zone or country, else UTC."""
    country: str | None = None
    opted_out: bool = False
    left_on: date | None = None
    unreadable: str = ""
    """Why the CRM's record of this person cannot be read now, whatever is known from before; empty where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakeholder:
    """A person's part in this onboarding; one person may hold several (SH-1)."""

    person_id: str
    role: CustomerRole | None
    left: bool = False
    buyer: bool = True
    """Took part in the purchase; people who did not choose the product are told its value first (SH-6)."""
