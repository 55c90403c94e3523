"""Reports in an order that does not depend on when or how often they came in."""

from collections.abc import Iterable
from datetime import datetime

from onboarding.case import Fact


def known(facts: Iterable[Fact], now: datetime) -> tuple[Fact, ...]:
    """Each fact that has happened by ``now`` once, by the time it happened.

    A repeat has the key of the first report; of the two the one learned first counts. Facts of the same
    moment stand in the order in which we learned them. Where later reports replace earlier ones, the last in
    this order holds.
    """
    once: dict[str, Fact] = {}
    for fact in facts:
        if fact.at <= now and (fact.key not in once or fact.learned_at < once[fact.key].learned_at):
            once[fact.key] = fact
    return tuple(sorted(once.values(), key=lambda fact: (fact.at, fact.learned_at, fact.key)))


def as_learned(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The same in the order of learning, for corrections: to undo something is to correct what was known by
    then.
    """
    return tuple(sorted(facts, key=lambda fact: (fact.learned_at, fact.key)))
