"""Everybody a message is for: who gets it, who is left out and why, and whose record must be read first."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from onboarding.model.parties import Person
from onboarding.model.phrases import list_words, role_words
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole

LeftOutFor = Literal[
    "left", "policy", "opted_out", "no_address", "suppressed", "kept_back", "same_address", "unreadable"
]
NOBODY_INSTEAD = frozenset({"opted_out", "kept_back", "unreadable"})
"""They count as reached, or wait until their record can be read: nobody else is written to in their place."""

UNTOLD = "contact"
"""The role of somebody whom a deal names without a legible role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who gets the message: one of the customer's people, or one of ours on Slack."""

    id: str
    name: str
    address: str
    """A mail address; for Slack the address by which the person is found there."""
    role: str
    zone: str
    country: str | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Somebody whom the step means but who must not or cannot get it."""

    id: str
    name: str
    role: str
    reason: LeftOutFor
    because: str
    withheld: Recipient | None = None
    """Where the person could end it with a word: what their mail would be, kept back until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Everybody a message of a step is for."""

    to: tuple[Recipient, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    because: str = ""
    """Why ``to`` is empty, in words."""


def unreadable_words(person: Person, *roles: CustomerRole) -> str:
    """What is said of somebody who is named and cannot be read, after the name."""
    part = f"as {list_words(role_words(role) for role in roles)} " if roles else ""
    return f"is named {part}in the deal, but the contact record cannot be read: {person.unreadable}"


def cannot_be_read(standing: OnboardingState, roles: Collection[CustomerRole | None]) -> list[LeftOut]:
    """Who holds one of these roles and cannot be read; their message waits, under their own name."""
    return [
        LeftOut(
            id=person.id,
            name=person.name,
            role=role.value if role else UNTOLD,
            reason="unreadable",
            because=unreadable_words(person, *([role] if role else [])),
            withheld=Recipient(
                id=person.id,
                name=person.name,
                address=person.email or "",
                role=role.value if role else UNTOLD,
                zone=person.zone,
                country=person.country,
                because=f"as {role_words(role)}" if role else "as a contact of the deal",
            ),
        )
        for person, role in standing.unreadable
        if role in roles
    ]
