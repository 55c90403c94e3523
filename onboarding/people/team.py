"""The team file: who may hold which vendor role for whom, and who gets the next customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from onboarding.model.identity import one_spelling
from onboarding.model.parties import Owner
from onboarding.model.schedule import Text, Written
from onboarding.model.vocabulary import Tier, VendorRole
from onboarding.permissions.access import Access

Address = Annotated[str, Text(pattern=r"^[^\s@]+@[^\s@]+$")]
Region = Annotated[str, Text(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Domain = Annotated[str, Text(pattern=r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$")]
LanguageTag = Annotated[str, Text(pattern=r"^$|^[a-z]{2,3}(-[A-Z]{2})?$")]
CountryCode = Annotated[str, Text(pattern=r"^[A-Z]{2}$")]


WEB_PAGE = r"^https://[^\s\"'<>]+$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Away(Written):
    """Days on which a member is away, in the member's zone."""

    since: date = field(metadata={"alias": "from"})
    until: date
    """The first day on which they are back."""
    backup: Address | None = None
    """Who covers then; left out: the member's backup."""

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise ValueError(f"until {self.until} is not after from {self.since}; until is the first day back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Written):
    """One of the vendor's people. Empty ``tiers`` or ``regions`` mean any."""

    email: Address
    """As in the CRM; only active users of the CRM count."""
    roles: tuple[VendorRole, ...] = field(metadata={"min_length": 1})
    tiers: tuple[Tier, ...] = ()
    regions: tuple[Region, ...] = ()
    at_most: int | None = field(default=None, metadata={"ge": 1, "le": 10000})
    """The limit of live onboardings; exceeded only if every other eligible person is at the limit too."""
    booking_url: str | None = field(default=None, metadata={"pattern": WEB_PAGE})
    """The page on which customers pick a time for the kickoff."""
    meeting_url: str | None = field(default=None, metadata={"pattern": WEB_PAGE})
    """The link under which this person's calls are held; it stands in invitations as the place."""
    backup: Address | None = None
    """Another member, who covers while this one is away and takes over if this one leaves the company (ASK-13)."""
    away: tuple[Away, ...] = ()
    calendar: str | None = field(
        default=None, metadata={"pattern": r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s\"'<>]+$"}
    )
    """The address of the member's calendar (iCalendar): its days out of office are absences, and its busy times are not
    offered for calls. It is a secret."""

    language: LanguageTag = ""
    """The language of the Slack messages to this person; left out: the team's."""

    def __post_init__(self) -> None:
        own = one_spelling(self.email)
        for backup in (self.backup, *(one.backup for one in self.away)):
            if backup is not None and one_spelling(backup) == own:
                raise ValueError(f"{self.email} cannot be their own backup; name another member")
        if self.backup is None and (self.calendar or any(one.backup is None for one in self.away)):
            raise ValueError(f"nobody covers for {self.email} while away; add backup: with another member's address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Written):
    """The team file."""

    regions: Mapping[Region, tuple[CountryCode, ...]] = field(default_factory=dict)
    domains: tuple[Domain, ...] = ()
    """Domains of the vendor's own addresses, subdomains included: usage under one of them is the vendor's and proves no
    work of a customer."""
    members: tuple[Member, ...] = ()
    booking_url: str | None = field(default=None, metadata={"pattern": WEB_PAGE})
    """The company's page on which customers pick a time, for whoever has none of their own."""
    meeting_url: str | None = field(default=None, metadata={"pattern": WEB_PAGE})
    """The link under which calls are held, for whoever has none of their own."""
    leaders: tuple[Address, ...] = ()
    """Who gets a short mail with each report of the metrics. They need not be users of the CRM."""
    language: LanguageTag = ""
    """The language of Slack messages to channels, and to members without one of their own; left out: the brand's."""
    access: Access = field(default_factory=Access)
    """Who may do what; without it everybody may do everything."""
    ops_mail: tuple[Address, ...] = ()
    """Who gets a mail where first90 itself needs a person: runs that fail or do not come, a channel that is down,
    messages that could not be delivered. They need not be users of the CRM. Left out: the addresses under ``ops`` of
    ``access``."""

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for member in self.members:
            if member.email.casefold() in seen:
                raise ValueError(f"{member.email} stands here twice; give one person all roles in one entry")
            seen.add(member.email.casefold())
            for region in member.regions:
                if region not in self.regions:
                    raise ValueError(f"{member.email}: there is no region {region!r} under regions")
            if VendorRole.ACCOUNT_EXECUTIVE in member.roles:
                raise ValueError(f"{member.email}: the account executive is the deal's owner; remove that role")
        for member in self.members:
            for backup in (member.backup, *(one.backup for one in member.away)):
                if backup is not None and backup.casefold() not in seen:
                    raise ValueError(
                        f"{member.email}: the backup {backup} is no member; add them or correct the address"
                    )

    @property
    def ops_addresses(self) -> tuple[Address, ...]:
        """Return who is mailed where first90 itself needs a person."""
        return self.ops_mail or tuple(one for one in self.access.ops if "@" in one)

    def language_of(self, address: str) -> str:
        """Return the language of what one of our people, or a channel, reads in Slack; empty for the brand's."""
        wanted = one_spelling(address)
        return next((one.language for one in self.members if one_spelling(one.email) == wanted), "") or self.language

    def meeting_place(self, email: str) -> str:
        """Return the link under which this person's calls are held, else the company's; empty for none."""
        member = self._member(email)
        return (member.meeting_url if member else None) or self.meeting_url or ""

    def booking_page(self, email: str) -> str | None:
        """Return the page on which this person's meetings are booked, else the company's; None for neither."""
        member = self._member(email)
        return (member.booking_url if member else None) or self.booking_url

    def _member(self, email: str) -> Member | None:
        wanted = email.casefold()
        return next((member for member in self.members if member.email.casefold() == wanted), None)


def assign(
    team: Team, tier: Tier, country: str | None, owners: Mapping[str, Owner], load: Mapping[str, int]
) -> dict[VendorRole, str]:
    """Return the vendor roles of a new customer with the owner id of the person assigned, for roles that can be filled.

    ``owners`` are the users of the CRM by id; members who are not active users are passed over, so that the bundled
    sample team never matches a real CRM. ``load`` counts the live onboardings of each owner id. Members for the
    customer's region come before members without a region, the less loaded before the more loaded, then the order
    of the file. Pure: the same arguments give the same people (DE-5, RO-7).
    """
    ids = {owner.email.casefold(): owner.id for owner in owners.values() if owner.active}
    chosen: dict[VendorRole, str] = {}
    for role in VendorRole:
        eligible = [
            member for member in team.members if role in member.roles and (not member.tiers or tier in member.tiers)
        ]
        regional = [member for member in eligible if any(country in team.regions[name] for name in member.regions)]
        picked = _least_loaded(regional, ids, load) or _least_loaded(
            [member for member in eligible if not member.regions], ids, load
        )
        if picked is not None:
            chosen[role] = picked
    return chosen


def _least_loaded(members: Sequence[Member], ids: Mapping[str, str], load: Mapping[str, int]) -> str | None:
    available = [(member, ids[member.email.casefold()]) for member in members if member.email.casefold() in ids]
    ranked = [
        (
            member.at_most is not None and load.get(owner, 0) >= member.at_most,
            load.get(owner, 0),
            place,
            owner,
        )
        for place, (member, owner) in enumerate(available)
    ]
    return min(ranked)[-1] if ranked else None
