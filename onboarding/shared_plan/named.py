"""People whom readers of the plan page named: each counts once one of the vendor's people confirms them. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from onboarding.model.case import Fact
from onboarding.model.identity import one_spelling
from onboarding.model.reports import known
from onboarding.model.vocabulary import CustomerRole, FactKind
from onboarding.values import dataclass

PAGE = "page"
"""The source of facts that a reader of the plan page gave."""
WAITS = timedelta(days=30)
"""How long a person who was named waits to be confirmed. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """A person who was named and is not confirmed."""

    name: str
    email: str
    role: CustomerRole
    at: datetime
    named_by: str
    """The id of the reader whose page it was."""
    instead: bool = False
    """Whether they opened another person's page, and said so."""
    about: str = ""
    """The milestone that falls to them; empty if none was meant."""


def waiting_for_us(facts: Iterable[Fact], now: datetime) -> tuple[NamedPerson, ...]:
    """Return the people who were named and wait to be confirmed, each with what was said of them last."""
    found: dict[str, NamedPerson] = {}
    for fact in known(facts, now):
        address = one_spelling(str(fact.value.get("email") or ""))
        if fact.kind is FactKind.STAKEHOLDER:
            found.pop(address, None)
        elif fact.kind is FactKind.PERSON_NAMED and address and fact.at + WAITS > now:
            role = str(fact.value.get("role") or "")
            found[address] = NamedPerson(
                name=str(fact.value.get("name") or ""),
                email=address,
                role=CustomerRole(role) if role in set(CustomerRole) else CustomerRole.END_USER,
                at=fact.at,
                named_by=str(fact.value.get("person") or ""),
                instead=bool(fact.value.get("instead")),
                about=fact.name,
            )
    return tuple(found.values())
