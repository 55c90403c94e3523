"""The audience of a message: its recipients, and the people who are left out, with the reason."""

from collections.abc import Collection
from typing import Literal

from onboarding.model.parties import Person
from onboarding.model.phrases import list_words, role_words
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole
from onboarding.values import dataclass

LeftOutFor = Literal[
    "left",
    "policy",
    "opted_out",
    "no_address",
    "suppressed",
    "kept_back",
    "same_address",
    "unreadable",
    "paced",
    "one_decides",
    "not_yet",
    "namesake",
]
WITHOUT_SUBSTITUTE = frozenset({"opted_out", "kept_back", "unreadable"})
"""Reasons that count as reached, or wait until the record can be read: no substitute gets the message."""

UNKNOWN_ROLE = "contact"
"""The role of a person whom a deal names without a readable role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person who gets the message: a contact by mail, or one of the vendor's people on Slack."""

    id: str
    name: str
    address: str
    """A mail address; for Slack the address by which the Slack user is found."""
    role: str
    zone: str
    country: str | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A person the step addresses who must not or cannot get the message."""

    id: str
    name: str
    role: str
    reason: LeftOutFor
    because: str
    withheld: Recipient | None = None
    """The recipient as it would be, kept for withheld mail, if the person can lift the obstacle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The people that a message of a step is for."""

    to: tuple[Recipient, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    because: str = ""
    """Why ``to`` is empty, in words."""


def unreadable_words(person: Person, *roles: CustomerRole) -> str:
    """Return what is said of a named person whose record cannot be read, to follow the name."""
    part = f"as {list_words(role_words(role) for role in roles)} " if roles else ""
    return f"is named {part}in the deal, but the contact record cannot be read: {person.unreadable}"


def cannot_be_read(state: OnboardingState, roles: Collection[CustomerRole | None]) -> list[LeftOut]:
    """Return the people named for one of these roles whose record cannot be read; their message is withheld."""
    return [
        LeftOut(
            id=person.id,
            name=person.name,
            role=role.value if role else UNKNOWN_ROLE,
            reason="unreadable",
            because=unreadable_words(person, *([role] if role else [])),
            withheld=Recipient(
                id=person.id,
                name=person.name,
                address=person.email or "",
                role=role.value if role else UNKNOWN_ROLE,
                zone=person.zone,
                country=person.country,
                because=f"as {role_words(role)}" if role else "as a contact of the deal",
            ),
        )
        for person, role in state.unreadable
        if role in roles
    ]
