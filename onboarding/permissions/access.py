"""``access:`` of the team file: who has which role."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated

from onboarding.model.identity import one_spelling
from onboarding.model.schedule import Text, Written
from onboarding.model.vocabulary import VendorRole
from onboarding.permissions.identity import Identity
from onboarding.permissions.table import AccessRole

ROLE, GROUP = "role:", "group:"
Holder = Annotated[
    str,
    Text(
        pattern=r"^(role:[a-z_]+|group:\S(.*\S)?|[^\s:@]+(@[^\s:@]+)?)$",
        means="A mail address, a system user's name, role:VENDOR_ROLE of the members, or group:NAME of the proxy.",
    ),
]
SystemUser = Annotated[str, Text(pattern=r"^[^\s:@]+$")]
Address = Annotated[str, Text(pattern=r"^[^\s@]+@[^\s@]+$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access(Written):
    """Who has which role. Without any holder there are no roles, and everybody may do everything."""

    viewer: tuple[Holder, ...] = ()
    csm: tuple[Holder, ...] = ()
    manager: tuple[Holder, ...] = ()
    ops: tuple[Holder, ...] = ()
    users: Mapping[SystemUser, Address] = field(default_factory=dict)
    """System users of the machine with their mail address: then the command line believes no ``--by`` that says
    another."""

    def __post_init__(self) -> None:
        for holder in (one for _, one in self._entries()):
            if holder.startswith(ROLE) and holder.removeprefix(ROLE) not in set(VendorRole):
                raise ValueError(f"{holder} names no vendor role; {_nearest(holder.removeprefix(ROLE))}")
            if holder in {*VendorRole, *AccessRole}:
                raise ValueError(f"{holder} is neither an address nor a system user; of members write role:{holder}")
            if holder == ROLE + VendorRole.ACCOUNT_EXECUTIVE:
                raise ValueError(f"{holder}: no member has this role, it is the deal's owner; give addresses")
        if self.users and not self.configured:
            raise ValueError("users: names people and no list gives anybody a role; add manager: and ops:")

    @property
    def configured(self) -> bool:
        """Return whether anybody has a role."""
        return bool(self.viewer or self.csm or self.manager or self.ops)

    def holders(self, role: AccessRole) -> tuple[Holder, ...]:
        """Return who has the role, as the file says it."""
        found: tuple[Holder, ...] = getattr(self, role.value)
        return found

    def roles_of(self, identity: Identity, vendor_roles: Collection[VendorRole]) -> frozenset[AccessRole]:
        """Return the roles of a person who holds these vendor roles among the members of the team file."""
        mine = {one_spelling(identity.name)}
        mine |= {ROLE + role.value for role in vendor_roles} | {GROUP + group for group in identity.groups}
        return frozenset(role for role, holder in self._entries() if _spelt(holder) in mine)

    def _entries(self) -> Iterator[tuple[AccessRole, Holder]]:
        return ((role, holder) for role in AccessRole for holder in self.holders(role))


def _spelt(holder: str) -> str:
    return holder if holder.startswith((ROLE, GROUP)) else one_spelling(holder)


def _nearest(word: str) -> str:
    known = [role.value for role in VendorRole if role is not VendorRole.ACCOUNT_EXECUTIVE]
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean role:{close[0]}" if close else f"use role: and one of {', '.join(known)}"
