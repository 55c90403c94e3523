"""Whether a condition holds for a customer, and why, in words."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from itertools import chain

from onboarding.conditions.asked import Asked, asked_of
from onboarding.model.case import Case
from onboarding.model.conditions.written import Traits, When
from onboarding.model.reports import CORRECTIONS, as_learned, known
from onboarding.model.vocabulary import CustomerRole, FactKind, Tier
from onboarding.people.stakeholders import read_map

KICKOFF_BOOKED = "kickoff_booked"
"""The fact that the kickoff's time is agreed, also where the deal's own field says it."""
_EMPTY: tuple[object, ...] = ((), {}, None)


@dataclass(frozen=True)
class Customer:
    """What conditions may ask of a customer, computed once it is asked for."""

    case: Case
    tier: Tier
    """Of the playbook: who changes tier changes the playbook."""
    now: datetime

    @cached_property
    def products(self) -> frozenset[str]:
        """Return the names and codes of all that was bought and is still won."""
        won = [deal for deal in self.case.deals if deal.won]
        return _folded(chain((deal.product for deal in won), *(deal.products for deal in won)))

    @cached_property
    def seats(self) -> float | None:
        """Return the seats of all won deals; None if no deal names any."""
        named = [deal.seats for deal in self.case.deals if deal.won and deal.seats is not None]
        return sum(named) if named else None

    @cached_property
    def roles(self) -> frozenset[CustomerRole]:
        """Return the roles that somebody holds, also if the record of that person cannot be read now."""
        people = read_map(self.case, known(self.case.facts, self.now), self.now)
        return frozenset(people.holders) | {role for _, role in people.unreadable if role is not None}

    @cached_property
    def facts(self) -> frozenset[str]:
        """Return the names of what was reported and not taken back, of the calls that are agreed, and of the signals
        that were seen."""
        won = [deal for deal in self.case.deals if deal.won]
        found = {item.value for deal in won for item in deal.handoff}
        found |= {KICKOFF_BOOKED for deal in won if deal.kickoff_at is not None}
        for fact in as_learned(known(self.case.facts, self.now)):
            if fact.kind in (FactKind.MILESTONE, FactKind.HANDOFF, FactKind.MEETING):
                found.add(fact.name)
            elif fact.kind in CORRECTIONS:
                found.discard(fact.name)
        seen = (use.name for use in self.case.usage.signals if use.first_at <= self.now)
        return _folded(chain(found, seen))

    def values(self, name: str) -> frozenset[str]:
        """Return the values of a mapped field on the account and the won deals; empty if it is not known."""
        account = self.case.account
        own = {"region": account.country, "country": account.country, "industry": account.industry}
        held = [own.get(name) or "", account.fields.get(name, "")]
        return _folded([*held, *(deal.fields.get(name, "") for deal in self.case.deals if deal.won)])

    def numbers(self, name: str) -> Iterator[float]:
        """Yield the numbers that a mapped field holds."""
        for text in self.values(name):
            try:
                yield float(text.replace(",", ""))
            except ValueError:
                continue

    def has(self, asked: Traits, one: Asked) -> bool:
        """Return whether one of the traits that ``asked_of`` yields holds."""
        return _CHECKS[one.kind](self, asked, one.name)


_CHECKS: Mapping[str, Callable[[Customer, Traits, str], bool]] = {
    "tier": lambda of, asked, _: of.tier in asked.tier,
    "products": lambda of, asked, _: bool(of.products & _folded(asked.products)),
    "region": lambda of, asked, _: bool(of.values("region") & _folded(asked.region)),
    "segment": lambda of, asked, _: bool(of.values("segment") & _folded(asked.segment)),
    "seats": lambda of, asked, _: asked.seats is None or asked.seats.holds(of.seats),
    "role": lambda of, asked, _: bool(of.roles.intersection(asked.role)),
    "fields": lambda of, asked, name: bool(of.values(name) & _folded(asked.fields[name])),
    "numbers": lambda of, asked, name: any(asked.numbers[name].holds(number) for number in of.numbers(name)),
    "fact": lambda of, asked, _: bool(of.facts & _folded(asked.fact)),
}


def missing(when: When, customer: Customer) -> str:
    """Return why the condition does not hold, in words; empty if it holds. The words name the condition's values and
    none of the customer's, so there are as many as the condition has ways to fail."""
    found = [*_missing(when, customer), *chain.from_iterable(_missing(one, customer) for one in when.all_of)]
    if when.any_of:
        ways = [list(_missing(one, customer)) for one in when.any_of]
        if all(ways):
            found.append(", and ".join(way[0] for way in ways))
    for one in when.none_of:
        if not any(_missing(one, customer)):
            found.append(said(one))
    return "; ".join(found)


def said(asked: Traits) -> str:
    """Return what a condition asks for, as a statement on the customer; of several, what is one choice is in
    brackets. Two conditions may say the same: ``key_of`` tells them apart."""
    clauses = [("", [one.holds]) for one in asked_of(asked)]
    if isinstance(asked, When):
        clauses += [("", [each.holds]) for one in asked.all_of for each in asked_of(one)]
        ways = [[each.holds for each in asked_of(one)] for one in asked.any_of]
        clauses += [(", or ", [_choice(" and ", way, brackets=len(ways) > 1) for way in ways])] if ways else []
        clauses += [(" or ", [each.fails for each in asked_of(one)]) for one in asked.none_of]
    return " and ".join(_choice(word, ways, brackets=len(clauses) > 1) for word, ways in clauses)


def key_of(when: When) -> str:
    """Return a name of the condition: the same for the same content, and no other's."""
    given = asdict(when, dict_factory=lambda pairs: {name: value for name, value in pairs if value not in _EMPTY})
    return sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]


def _choice(word: str, ways: Sequence[str], *, brackets: bool) -> str:
    text = word.join(ways)
    return f"({text})" if brackets and len(ways) > 1 else text


def _missing(asked: Traits, customer: Customer) -> Iterator[str]:
    for one in asked_of(asked):
        if not customer.has(asked, one):
            yield one.fails


def _folded(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.strip().casefold() for text in texts if text.strip())
