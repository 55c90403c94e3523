"""Our people beyond what the CRM knows: who may play which role for whom, and who gets the next customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from onboarding.model.parties import Owner
from onboarding.model.schedule import Text, Written
from onboarding.model.vocabulary import Tier, VendorRole

Address = Annotated[str, Text(pattern=r"^[^\s@]+@[^\s@]+$")]
Region = Annotated[str, Text(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Domain = Annotated[str, Text(pattern=r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$")]
CountryCode = Annotated[str, Text(pattern=r"^[A-Z]{2}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Written):
    """One of our people. Empty ``tiers`` or ``regions`` mean any."""

    email: Address
    """As in the CRM: only an active user of the CRM counts."""
    roles: tuple[VendorRole, ...] = field(metadata={"min_length": 1})
    tiers: tuple[Tier, ...] = ()
    regions: tuple[Region, ...] = ()
    at_most: int | None = field(default=None, metadata={"ge": 1, "le": 10000})
    """So many live onboardings; more only where everybody else who may is full too."""
    booking_url: str | None = field(default=None, metadata={"pattern": r"^https://[^\s\"'<>]+$"})
    """Where customers pick a time for the kickoff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Written):
    """The team file."""

    regions: Mapping[Region, tuple[CountryCode, ...]] = field(default_factory=dict)
    domains: tuple[Domain, ...] = ()
    """Domains of our own addresses, with those below them: whoever uses the product under one is of us, and proves
    nothing of a customer's work."""
    members: tuple[Member, ...] = ()

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

    def booking_url(self, email: str) -> str | None:
        """Where this person's meetings are booked, if the file says it."""
        wanted = email.casefold()
        return next((member.booking_url for member in self.members if member.email.casefold() == wanted), None)


def assign(
    team: Team, tier: Tier, country: str | None, owners: Mapping[str, Owner], load: Mapping[str, int]
) -> dict[VendorRole, str]:
    """Who of the team plays which role for a new customer: role to owner id, where somebody can play it.

    ``owners`` are the users of the CRM by id; whoever is not an active one of them is passed over, so a
    bundled team never reaches into somebody's own CRM. ``load`` counts the live onboardings of each owner
    id. Those named for the customer's region go before those for anywhere, the less loaded before the
    more, then the order of the file. Pure: the same arguments give the same people (DE-5,
    RO-7).
    """
    ids = {owner.email.casefold(): owner.id for owner in owners.values() if owner.active}
    chosen: dict[VendorRole, str] = {}
    for role in VendorRole:
        able = [member for member in team.members if role in member.roles and (tier in (member.tiers or Tier))]
        near = [member for member in able if any(country in team.regions[name] for name in member.regions)]
        picked = _least_loaded(near, ids, load) or _least_loaded(
            [member for member in able if not member.regions], ids, load
        )
        if picked is not None:
            chosen[role] = picked
    return chosen


def _least_loaded(members: Sequence[Member], ids: Mapping[str, str], load: Mapping[str, int]) -> str | None:
    free = [(member, ids[member.email.casefold()]) for member in members if member.email.casefold() in ids]
    ranked = [
        (
            member.at_most is not None and load.get(owner, 0) >= member.at_most,
            load.get(owner, 0),
            place,
            owner,
        )
        for place, (member, owner) in enumerate(free)
    ]
    return min(ranked)[-1] if ranked else None
