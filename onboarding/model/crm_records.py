"""What a CRM tells us, in our words: one frozen record for each of its objects. Ids are always 18 characters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from onboarding.model.identity import salesforce_id
from onboarding.model.vocabulary import HandoffItem, Tier

LEADS_NOWHERE = "leads nowhere"
"""How the problem of a reference begins whose record is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that could not be read and was set aside: where, and what is wrong with it."""

    source: str
    record: str
    field: str
    problem: str

    @property
    def is_reference(self) -> bool:
        """Whether it is about where a record leads, which another record may mend, and not about what it says."""
        return self.problem.startswith(LEADS_NOWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmUser:
    """One of our people."""

    id: str
    name: str
    email: str
    called: str | None = None
    """How a letter greets; empty for without a name, None where that is not known apart from the name."""
    active: bool = True
    manager_id: str | None = None
    zone: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmAccount:
    """A company. ``country`` is a two-letter code where it could be told."""

    id: str
    name: str
    owner_id: str | None = None
    csm_id: str | None = None
    country: str | None = None
    zone: str | None = None
    domain: str | None = None
    industry: str | None = None
    tier: Tier | None = None
    churned_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmContact:
    """A person at a company, or at none. ``email`` is None where there is none or it is no address."""

    id: str
    account_id: str | None
    name: str
    email: str | None = None
    called: str | None = None
    """As for one of our people."""
    title: str | None = None
    country: str | None = None
    zone: str | None = None
    """From country and state, where the CRM knows the state."""
    opted_out: bool = False
    left_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmContactRole:
    """A contact's part in a deal; ``role`` as the CRM spells it."""

    deal_id: str
    contact_id: str
    role: str
    primary: bool = False
    broken: str = ""
    """Why the rest of it cannot be read: somebody is named, and ``contact_id`` is the record of the part itself."""


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
    """In the currency of the tier rules; None where there is none, or nobody can tell what ``price`` is worth in it."""
    price: str | None = None
    """The amount as the CRM tells it, with its currency, where that is another one than ours."""
    existing: str | None = None
    """What the deal itself says of a customer from before, in words; None where it says nothing of the kind."""
    seats: int | None = None
    handoff: Mapping[HandoffItem, str] = field(default_factory=dict)
    kickoff_at: datetime | None = None
    go_live_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfDeal:
    """What can be told of a deal that cannot be read whole; ``record`` as its problems name it."""

    record: str
    won: bool | None = None
    signed_at: datetime | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmOnboarding:
    """A row of ``Onboarding__c`` as it stands in the CRM; ``fields`` are its other fields as text."""

    key: str
    fields: Mapping[str, str]

    @property
    def account_id(self) -> str | None:
        """The account it names, as 18 characters where it is a CRM id."""
        text = self.fields.get("Account__c", "").strip()
        try:
            return salesforce_id(text) if text else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmMilestone:
    """A row of ``Onboarding_Milestone__c`` as it stands in the CRM. ``key`` is ``<onboarding key>:<milestone>``."""

    key: str
    status: str
    due_on: date | None = None
    completed_at: datetime | None = None
    completed_by: str = ""
    reason: str = ""

    @property
    def onboarding_key(self) -> str:
        """The onboarding this milestone belongs to."""
        return self.key.partition(":")[0]

    @property
    def name(self) -> str:
        """The milestone's name in the playbook."""
        return self.key.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmBatch:
    """What one read of the CRM's records brought: the whole, or what changed since a cursor.

    Where ``complete`` is true the read was whole: a record that is in neither ``deals`` (and so on) nor among
    ``unreadable`` is gone from the CRM. Where it is not, only the records named here are judged.
    """

    users: tuple[CrmUser, ...] = ()
    accounts: tuple[CrmAccount, ...] = ()
    contacts: tuple[CrmContact, ...] = ()
    roles: tuple[CrmContactRole, ...] = ()
    deals: tuple[CrmDeal, ...] = ()
    onboardings: tuple[CrmOnboarding, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[str] = frozenset()
    """Ids of records that are there but could not be read whole."""
    half_read: tuple[HalfDeal, ...] = ()
    """Deals among the unreadable ones, as far as they can be told."""
    complete: bool = True
    roles_of: frozenset[str] | None = None
    """The deals of which ``roles`` names every part; what it lacks of theirs is gone. None: all in ``deals``."""
    gone: frozenset[str] = frozenset()
    """Ids of users, accounts, contacts and deals that are no longer there or no longer ours to see."""
    gone_rows: frozenset[str] = frozenset()
    """Keys of rows of ``Onboarding__c`` that are no longer there."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Ids of accounts and contacts that were merged away (they are among ``gone``), and those they live on in."""
    sources: tuple[str, ...] = ()
    """The places that this read speaks for, as its problems name them."""
    looked_at: frozenset[str] | None = None
    """The records that were looked at, those that are gone among them, as problems name them: a problem of theirs
    that is not told again is mended. None: all records of ``sources``."""
    cursor: str = ""
    """Hand it back at the next read; what it means is the adapter's business."""
    unchanged: bool = False
    """Nothing changed since the cursor that was handed in; all collections are empty then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneBatch:
    """What one look at the rows of ``Onboarding_Milestone__c`` brought: all of them, or those that changed."""

    milestones: tuple[CrmMilestone, ...] = ()
    problems: tuple[Problem, ...] = ()
    sources: tuple[str, ...] = ()
    looked_at: frozenset[str] | None = None
    """As in ``CrmBatch``."""
    cursor: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRecord:
    """One event of product usage. ``key`` makes a repeat harmless: its id, else content and the number of its like."""

    key: str
    account: str
    """Account id (18 characters) or domain, as the source names it."""
    name: str
    at: datetime
    user: str = ""
    count: int = 1


ANY_ACCOUNT = "*"
"""Stands for the account of usage that does not say whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBatch:
    """What one read of the signal source brought."""

    source: str = "signals"
    """The place, as its problems name it."""
    signals: tuple[SignalRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[str] = frozenset()
    """The accounts, as the source names them, of what could not be read; ``ANY_ACCOUNT`` where none can be told."""
    whole: bool = False
    """Whether it is all that the source has, and not only what is new."""
    cursor: str = ""
    unchanged: bool = False
