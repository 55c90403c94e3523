"""One onboarding as a frozen value: everything that the rules may read.

Instants are aware and in UTC; a bare ``date`` is a day in the time zone of the person or account it belongs to.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime
from typing import Any

from onboarding.model.conditions.result import ConditionResult
from onboarding.model.effect import EffectLine
from onboarding.model.parties import Account, Deal, Owner, Person, Stakeholder
from onboarding.model.suppressions import Suppression
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import FactKind, NewsKind, Severity, Stage, Status, Tier, TouchpointOutcome, VendorRole
from onboarding.values import dataclass

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The working week and the public holidays of one country."""

    weekend: frozenset[int] = frozenset({5, 6})  # weekday numbers, Monday is 0
    days_off: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A report by a person, the CRM or a rule: what happened, when, when it was learned, and from whom.

    The key makes a repeat harmless: the same report always has the same key.
    """

    key: str
    kind: FactKind
    name: str
    at: datetime
    learned_at: datetime
    source: str
    by: str
    value: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMail:
    """A mail of another onboarding of the same account, sent or still to be sent; the address in lower case."""

    onboarding_key: str
    address: str
    person_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchpoint:
    """A settled occurrence of a step: planned (its effects exist), skipped, merged or handed to the owner."""

    step: str
    occurrence: str
    outcome: TouchpointOutcome
    at: datetime
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stop of the clock by a named person."""

    since: datetime
    reason: str
    by: str
    until: datetime | None = None
    ended_at: datetime | None = None
    resume: str = "shift"
    """``shift`` moves dates by the time held, ``catch-up`` keeps them, ``skip`` drops what fell into the hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A cause that keeps an account from moving; ``owner_role`` owes it, or follows a third party's work up."""

    kind: str
    severity: Severity
    cause: str
    waiting_on: str
    since: datetime
    next_step: str
    about: str = ""
    """What it is about where one kind has several: a stage, a milestone, a person. Another one is another cause."""
    owner_role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeCause(Stall):
    """A cause of an episode, with its own ladder."""

    found_at: datetime
    level: int = 0
    """How far this cause climbed: 0 digest only, else the rung."""
    level_at: datetime
    """When the time until the next rung began."""
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that happened to a cause of an episode. Whoever the cause had climbed to is told of it."""

    after: int
    """The number of the episode's last message when it happened: a reader's next one tells it."""
    at: datetime
    what: NewsKind
    cause: int
    """The cause's place in the episode's ``causes``."""
    severity: Severity
    level: int
    """The rung that the cause had reached."""
    was_owed_by: str = ""
    """Of a move that went elsewhere: our role that had it; empty where that was the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Why an account stands still, from the first cause to the end of the last: one Slack thread a reader, however many
    reminders. Kind, severity and the like are those of the worst cause."""

    number: int
    kind: str
    severity: Severity
    cause: str
    waiting_on: str
    since: datetime
    next_step: str
    opened_at: datetime
    level: int = 0
    """The highest that any of its causes reached: 0 digest only, 1 CSM, 2 manager, 3 executive sponsor."""
    level_at: datetime | None = None
    posts: int = 0
    """How many Slack effects it has planned; the next occurrence gets the next number."""
    reminded_at: datetime | None = None
    acked_at: datetime | None = None
    acked_by: str | None = None
    snoozed_until: datetime | None = None
    answered_at: datetime | None = None
    """When a person last acted on it, or its owner changed; messages sent earlier do not show that yet."""
    resolved_reason: str | None = None
    closed_at: datetime | None = None
    causes: tuple[EpisodeCause, ...] = ()
    """Every cause since it opened, in the order in which they were found."""
    news: tuple[News, ...] = ()
    """Everything that happened to them, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The saved progress of an onboarding."""

    status: Status = Status.ACTIVE
    stage: Stage = Stage.HANDOFF
    stage_times: Mapping[Stage, datetime] = field(default_factory=dict)
    """When each stage was entered, ``done`` included."""
    tier: Tier | None = None
    tier_because: str = ""
    playbook: str = ""
    """Content hash of the playbook version it runs on."""
    opened_at: datetime = LONG_AGO
    adopted_at: datetime | None = None
    blocked: str | None = None
    """Why nothing may be sent for this account, or None."""
    assignments: Mapping[VendorRole, str] = field(default_factory=dict)
    """Vendor role to owner id, as the team file assigned it when the onboarding opened."""
    closed_reason: str | None = None
    owner_id: str | None = None
    """The accountable owner when it was saved."""
    health_history: tuple[tuple[str, int | None], ...] = ()
    """Days (ISO, UTC) on which the health score changed, each with the new one; never rewritten."""
    unbalanced_at: datetime | None = None
    """Since when reviews have seen users and customer out of balance; None where they are not."""
    conditions: Mapping[str, ConditionResult] = field(default_factory=dict)
    crm_digests: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """CRM key to (occurrence, digest) of the row last planned, so that only what changed is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything the rules may know of one onboarding."""

    key: str
    version: int
    account: Account
    deals: tuple[Deal, ...]
    people: tuple[Person, ...] = ()
    stakeholders: tuple[Stakeholder, ...] = ()
    former: tuple[Stakeholder, ...] = ()  # roles that the CRM has no longer
    owners: Mapping[str, Owner] = field(default_factory=dict)
    """The vendor's people by id: all that this case may name (seller, CSM, managers, sponsor)."""
    facts: tuple[Fact, ...] = ()
    usage: Usage = field(default_factory=Usage)
    touchpoints: tuple[Touchpoint, ...] = ()
    effects: tuple[EffectLine, ...] = ()
    holds: tuple[Hold, ...] = ()
    episodes: tuple[Episode, ...] = ()
    progress: Progress = field(default_factory=Progress)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    suppressions: tuple[Suppression, ...] = ()  # of these people and their addresses, those that hold now
    elsewhere: tuple[OtherMail, ...] = ()
    """Mails of the account's other onboardings, which count towards the daily caps."""
    said_elsewhere: tuple[Fact, ...] = ()  # what matters to its people, as the account's other onboardings know it
    followed: bool = False
    """Whether the account has an onboarding that was signed later."""
    only_accounts: frozenset[str] | None = None
    """Account ids of the pilot, or None where every account may be served."""

    @property
    def signed_at(self) -> datetime:
        """Return the signature of the first deal, from which all signature dates count."""
        return self.deals[0].signed_at

    @property
    def begins_at(self) -> datetime:
        """Return the moment (UTC) from which the vendor's own first deadlines count: the signature, or when first90
        first saw the deal if that is on a later day (UTC): work that nobody could know of is not late."""
        seen_at = self.progress.opened_at
        return seen_at if seen_at.astimezone(UTC).date() > self.signed_at.astimezone(UTC).date() else self.signed_at

    @property
    def suppressed(self) -> frozenset[str]:
        """Return the lower-case addresses that get no mail any more because they bounced or complained of spam."""
        return frozenset(one.subject for one in self.suppressions if one.for_good)

    @property
    def is_outside_pilot(self) -> bool:
        """Return whether only other accounts are served."""
        return self.only_accounts is not None and self.account.id not in self.only_accounts

    @property
    def is_shut(self) -> bool:
        """Return whether nothing may be sent or changed: it is blocked, or outside the pilot."""
        return bool(self.progress.blocked) or self.is_outside_pilot

    def person(self, person_id: str) -> Person | None:
        """Return the customer's person with this id, or None."""
        return next((person for person in self.people if person.id == person_id), None)

    def calendar(self, country: str | None) -> Calendar:
        """Return the working calendar of a country; Monday to Friday without holidays if it is unknown."""
        return self.calendars.get(country or "", Calendar())
