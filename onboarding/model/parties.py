"""The parties of an onboarding: the vendor's people, the customer with its people and their roles, and the deals."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from onboarding.model.vocabulary import Advocacy, CustomerRole, HandoffItem, Side, Tier, VendorRole
from onboarding.values import dataclass


class Salutation(StrEnum):
    """How a person is formally addressed, where the CRM says so."""

    MR = "mr"
    MS = "ms"


class ProfileItem(StrEnum):
    """What is kept of each of the customer's people besides their roles (SH-1, SX-5)."""

    PRIORITIES = "priorities"
    CONCERNS = "concerns"
    PAIN_POINTS = "pain_points"
    SUCCESS = "success"
    """What success is to this person."""


class ItemSaid(NamedTuple):
    """One item of a person's profile, and who said it, when and from where."""

    text: str
    by: str
    source: str  # as of a fact; ``crm`` for a field of the contact
    at: datetime | None
    """In UTC; None where the CRM holds it, which does not say since when."""
    elsewhere: bool = False  # in another onboarding


class BuyIn(StrEnum):
    """Where a person stands on the project (SH-9). Unknown is no support."""

    UNKNOWN = "unknown"
    SUPPORTIVE = "supportive"
    NEUTRAL = "neutral"
    OPPOSED = "opposed"


class Position(NamedTuple):
    """Where a person stands, and by what that is known."""

    buy_in: BuyIn
    at: datetime
    by: str
    why: str
    derived: bool = False
    """Whether it follows from what the person answered; else one of the vendor's people recorded it."""


class AbsenceSource(StrEnum):
    """Where an absence of one of the vendor's people was read; the first that names a day decides on it."""

    PERSON = "person"
    TEAM_FILE = "team_file"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days on which one of the vendor's people is away, in the zone of that person."""

    since: date
    """The first day away."""
    back: date
    """The first day on which they are back."""
    source: AbsenceSource
    backup_id: str | None = None
    """Who covers then, if it is another person than the usual backup."""
    by: str = ""
    """Who reported it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One of the vendor's people, merged from the CRM's users and the team file."""

    id: str
    name: str
    email: str
    called: str | None = None
    """The name in salutations and texts; empty for none, None for the full name."""
    active: bool = True
    zone: str = "UTC"
    country: str | None = None
    manager_id: str | None = None
    booking_url: str | None = None
    backup_id: str | None = None
    """Who covers while this person is away, and takes over for good if they leave the company (ASK-13)."""
    absences: tuple[Absence, ...] = ()
    unreadable: str = ""
    """Why the CRM's record of this user cannot be read now; empty if it can. An unreadable owner is also inactive."""


class Cover(NamedTuple):
    """A vendor role whose holder is away, and who acts in it until then."""

    absent: Owner
    by: Owner | None
    """None where nobody can cover: the absent person keeps the role."""
    back: date
    """The first day on which the absent person is back, in their zone."""


class Transfer(NamedTuple):
    """The change of the accountable owner from the onboarding specialist to the CSM, planned or done (RO-3)."""

    specialist: Owner
    csm: Owner | None
    """None where nobody can take over: the specialist stays accountable."""
    at: datetime | None
    """In UTC; None while no moment is known."""
    because: str
    """Why then, in words."""
    over: bool
    """Whether the CSM has taken over."""


class Unheld(NamedTuple):
    """A role that open work of an onboarding needs and that nobody holds (RO-8)."""

    role: VendorRole | CustomerRole
    side: Side
    """Vendor or customer: a role such as the executive sponsor exists on both."""
    work: tuple[str, ...]
    """The titles of its open milestones, in the order of the stages."""
    since: datetime | None
    """Since when the stage of the first of it runs, in UTC; None while that is a stage ahead."""
    stands_in: str = ""
    """The name of the person who does the work meanwhile; empty if nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The customer."""

    id: str
    name: str
    country: str | None = None
    """ISO 3166 two-letter code, or None where unknown."""
    zone: str | None = None
    domain: str | None = None
    industry: str | None = None
    tier_override: Tier | None = None
    unknown_tier: str = ""
    """The tier that the CRM names and of which there is no playbook; empty if there is none such."""
    csm_id: str | None = None
    specialist_id: str | None = None
    """The onboarding specialist, where a field of the CRM names one."""
    owner_id: str | None = None
    churned_on: date | None = None
    language: str | None = None
    """As in ``Person``: for those of its people whose own is not known."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Values of further fields of the CRM, by their names in the mapping, for conditions of a playbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A won opportunity. The first one gives the onboarding its key; later ones extend the onboarding."""

    id: str
    name: str
    signed_at: datetime
    won: bool = True
    lost: str = "the deal is no longer won"
    """Why it does not count, if it is not won."""
    amount: float | None = None
    seats: int | None = None
    product: str = ""
    """Which of the vendor's products was sold; empty if the CRM does not say."""
    products: tuple[str, ...] = ()
    """Names and codes of all products among the deal's line items."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """As in ``Account``."""
    seller_id: str | None = None
    handoff: Mapping[HandoffItem, str] = field(default_factory=dict)
    handoff_seen_at: datetime | None = None
    """When the CRM first showed all five handoff items; the signature if they were there at the first read."""
    goal_values: str = ""
    """Where goals stand as the CRM says, a line each (``onboarding.facts.goal_values.SHAPE``)."""
    kickoff_at: datetime | None = None
    kickoff_seen_at: datetime | None = None
    """When the CRM first showed an agreed kickoff time; the signature if it was there at the first read."""
    go_live_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact of the customer."""

    id: str
    name: str
    email: str | None = None
    called: str | None = None
    """As in ``Owner``."""
    family_name: str = ""
    """For a formal address and the order of names; empty if the CRM has none apart from the first name."""
    salutation: Salutation | None = None
    language: str | None = None
    """By BCP 47, as the CRM's field names it; None if it does not."""
    profile: Mapping[ProfileItem, str] = field(default_factory=dict)
    """What fields of the contact hold, as the mapping names them."""
    zone: str = "UTC"
    """Resolved at intake: from the contact's country, else the account's zone or country, else UTC."""
    country: str | None = None
    opted_out: bool = False
    left_on: date | None = None
    buyer: bool | None = None
    """Whether they took part in buying, by the field that the mapping names; None if it does not say."""
    unreadable: str = ""
    """Why the CRM's record cannot be read now, so that the other fields hold what was read before; empty if it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakeholder:
    """A person's role in this onboarding; one person may hold several (SH-1)."""

    person_id: str
    role: CustomerRole | None
    left: bool = False
    buyer: bool = True
    """Whether the person took part in the purchase; others are told the value of the product first (SH-6)."""
    since: datetime | None = None
    """When first90 first read the person in the deal, in UTC; None: there from the start."""
    deals: tuple[str, ...] = ()
    """The ids of the deals that name the person so; empty: every deal does."""
    primary: bool = False
    """Whether one of the deals names the person as its primary contact."""


class Advocate(NamedTuple):
    """A contact who may speak for the vendor, and whether they agreed to it (SX-15)."""

    person: str
    """The contact's id."""
    kind: Advocacy
    consent: bool
    at: datetime
    by: str = ""
