"""Whether a condition holds for a customer, and why, in words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from onboarding.conditions.asked import asked_of
from onboarding.model.case import Case
from onboarding.model.conditions.written import Range, Traits, When
from onboarding.model.reports import CORRECTIONS, as_learned, known
from onboarding.model.vocabulary import CustomerRole, FactKind, Tier
from onboarding.people.stakeholders import read_map


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
        """Return the names of what was reported and not taken back, and of the signals that were seen."""
        found = {item.value for deal in self.case.deals if deal.won for item in deal.handoff}
        for fact in as_learned(known(self.case.facts, self.now)):
            if fact.kind in (FactKind.MILESTONE, FactKind.HANDOFF):
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

    def has(self, asked: Traits, name: str) -> bool:
        """Return whether one trait holds, by the name that ``asked_of`` gives it."""
        return _CHECKS[name](self, asked) if name in _CHECKS else self._field(asked, name)

    def _field(self, asked: Traits, name: str) -> bool:
        wanted: Range | None = asked.numbers.get(name)
        if wanted is not None and not any(wanted.holds(number) for number in self.numbers(name)):
            return False
        return name not in asked.fields or bool(self.values(name) & _folded(asked.fields[name]))


_CHECKS: Mapping[str, Callable[[Customer, Traits], bool]] = {
    "tier": lambda of, asked: of.tier in asked.tier,
    "products": lambda of, asked: bool(of.products & _folded(asked.products)),
    "region": lambda of, asked: bool(of.values("region") & _folded(asked.region)),
    "segment": lambda of, asked: bool(of.values("segment") & _folded(asked.segment)),
    "seats": lambda of, asked: asked.seats is None or asked.seats.holds(of.seats),
    "role": lambda of, asked: bool(of.roles.intersection(asked.role)),
    "fact": lambda of, asked: bool(of.facts & _folded(asked.fact)),
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
    """Return what a condition asks for, as a statement on the customer."""
    found = [one.holds for one in asked_of(asked)]
    if isinstance(asked, When):
        found += [said(one) for one in asked.all_of]
        if asked.any_of:
            found.append(", or ".join(said(one) for one in asked.any_of))
        found += [" and ".join(each.fails for each in asked_of(one)) for one in asked.none_of]
    return " and ".join(found)


def _missing(asked: Traits, customer: Customer) -> Iterator[str]:
    for one in asked_of(asked):
        if not customer.has(asked, one.name):
            yield one.fails


def _folded(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.strip().casefold() for text in texts if text.strip())
