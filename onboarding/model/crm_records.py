"""The records of a CRM in this project's terms: one frozen class for each CRM object. Ids have 18 characters."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime

from onboarding.model.identity import salesforce_id
from onboarding.model.parties import Salutation
from onboarding.model.vocabulary import HandoffItem, Tier
from onboarding.values import dataclass

LEADS_NOWHERE = "leads nowhere"
"""Prefix of the problem text of a reference to a record that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A value that could not be read and was set aside: its place and what is wrong with it."""

    source: str
    record: str
    field: str
    problem: str

    @property
    def is_reference(self) -> bool:
        """Return whether the problem is a broken reference, which a change to another record may fix."""
        return self.problem.startswith(LEADS_NOWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmUser:
    """A CRM user: one of the vendor's people."""

    id: str
    name: str
    email: str
    called: str | None = None
    """The name in a salutation: empty for a greeting without a name, None to derive it from the full name."""
    active: bool = True
    manager_id: str | None = None
    zone: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmAccount:
    """A company. ``country`` is an ISO 3166 two-letter code, or None if unknown."""

    id: str
    name: str
    owner_id: str | None = None
    csm_id: str | None = None
    specialist_id: str | None = None
    country: str | None = None
    zone: str | None = None
    domain: str | None = None
    industry: str | None = None
    tier: Tier | None = None
    unknown_tier: str = ""
    """The tier that its row names and of which there is no playbook; empty if it names none or a known one."""
    churned_on: date | None = None
    language: str | None = None
    """By BCP 47; None if the CRM names none that is known."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Values of further fields, by their names in the mapping; without the empty ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmContact:
    """A person, at a company or at none. ``email`` is None if there is none or it is not a valid address."""

    id: str
    account_id: str | None
    name: str
    email: str | None = None
    called: str | None = None
    """As in ``CrmUser``."""
    family_name: str = ""
    salutation: Salutation | None = None
    language: str | None = None
    """As in ``CrmAccount``."""
    title: str | None = None
    country: str | None = None
    zone: str | None = None
    """Derived from country and state, if the CRM holds the state."""
    opted_out: bool = False
    left_on: date | None = None
    profile: Mapping[str, str] = field(default_factory=dict)
    """The items of the person's profile that have a field in the mapping and a text."""
    buyer: bool | None = None
    """As in ``Person``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmContactRole:
    """A contact's role in a deal; ``role`` as the CRM spells it."""

    deal_id: str
    contact_id: str
    role: str
    primary: bool = False
    broken: str = ""
    """Why the rest of the row cannot be read. ``contact_id`` is then the id of the role row itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmDeal:
    """An opportunity, won or not."""

    id: str
    account_id: str
    name: str
    won: bool
    stage_name: str
    signed_at: datetime
    close_on: date
    owner_id: str | None = None
    amount: float | None = None
    """In the currency of the tier rules; None if there is none, or if ``price`` cannot be converted."""
    price: str | None = None
    """The amount with its currency as the CRM gives it, if that is not the currency of the tier rules."""
    existing: str | None = None
    """The deal's own statement that this is an existing customer; None if it makes none."""
    seats: int | None = None
    product: str = ""
    products: tuple[str, ...] | None = None
    """Names and codes of the products of its line items, each once; None if they cannot be seen now, so that those of
    the last reading stay."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """As in ``CrmAccount``."""
    handoff: Mapping[HandoffItem, str] = field(default_factory=dict)
    goal_values: str = ""
    """Where goals stand, a dated line each."""
    kickoff_at: datetime | None = None
    go_live_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmLineItem:
    """A line item of a deal: the names and codes of one product that was bought; None if they cannot be seen now."""

    deal_id: str
    products: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfDeal:
    """The readable part of a deal that cannot be read completely; ``record`` as its problems name it."""

    record: str
    won: bool | None = None
    signed_at: datetime | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmOnboarding:
    """A row of ``Onboarding__c``; ``fields`` are its other fields as text."""

    key: str
    fields: Mapping[str, str]

    @property
    def account_id(self) -> str | None:
        """Return the id of its account, with 18 characters if it is a CRM id; None if missing or invalid."""
        text = self.fields.get("Account__c", "").strip()
        try:
            return salesforce_id(text) if text else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmMilestone:
    """A row of ``Onboarding_Milestone__c``. ``key`` is ``<onboarding key>:<milestone>``."""

    key: str
    status: str
    due_on: date | None = None
    completed_at: datetime | None = None
    completed_by: str = ""
    reason: str = ""
    title: str = ""
    side: str = ""
    owner_role: str = ""
    stage: str = ""
    """Title, side, owner and stage count for rows that people added; of first90's own rows they are not read back."""

    @property
    def onboarding_key(self) -> str:
        """Return the key of the onboarding that the milestone belongs to."""
        return self.key.partition(":")[0]

    @property
    def name(self) -> str:
        """Return the milestone's name in the playbook."""
        return self.key.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmBatch:
    """The records of one read of the CRM: all of them, or those that changed since a cursor.

    With ``complete`` the read covered everything: a record that is in neither ``deals`` (and so on) nor
    ``unreadable`` is gone from the CRM. Without it, nothing follows for records that are not named here.
    """

    users: tuple[CrmUser, ...] = ()
    accounts: tuple[CrmAccount, ...] = ()
    contacts: tuple[CrmContact, ...] = ()
    roles: tuple[CrmContactRole, ...] = ()
    deals: tuple[CrmDeal, ...] = ()
    onboardings: tuple[CrmOnboarding, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[str] = frozenset()
    """Ids of records that exist but could not be read completely."""
    half_read: tuple[HalfDeal, ...] = ()
    """The readable parts of the deals among ``unreadable``."""
    complete: bool = True
    roles_of: frozenset[str] | None = None
    """The deals whose roles ``roles`` lists completely: one missing there is gone. None: all of ``deals``."""
    gone: frozenset[str] = frozenset()
    """Ids of users, accounts, contacts and deals that were deleted or are no longer visible to the API user."""
    gone_rows: frozenset[str] = frozenset()
    """Keys of deleted rows of ``Onboarding__c``."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Merged accounts and contacts (they are also in ``gone``): the old id to the id of the surviving record."""
    sources: tuple[str, ...] = ()
    """The sources that this read covers, as its problems name them."""
    looked_at: frozenset[str] | None = None
    """Records read, deleted ones too, as problems name them: one not reported again is resolved. None: all."""
    cursor: str = ""
    """To be passed to the next read; its format is private to the adapter."""
    unchanged: bool = False
    """Nothing changed since the given cursor; all collections are empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneBatch:
    """The rows of ``Onboarding_Milestone__c`` of one read: all of them, or those that changed."""

    milestones: tuple[CrmMilestone, ...] = ()
    problems: tuple[Problem, ...] = ()
    sources: tuple[str, ...] = ()
    looked_at: frozenset[str] | None = None
    """As in ``CrmBatch``."""
    cursor: str = ""
    unchanged: bool = False
