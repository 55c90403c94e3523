"""The traits that a condition asks for, each in words for both outcomes."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from onboarding.model.conditions.written import Range, Traits
from onboarding.model.phrases import name_words, role_words


class Asked(NamedTuple):
    """One trait, with the statement where it holds and the one where it does not."""

    kind: str
    """The field of ``Traits`` that asks for it."""
    name: str
    """That of a mapped field; otherwise as ``kind``."""
    holds: str
    fails: str


def asked_of(traits: Traits) -> Iterator[Asked]:
    """Yield what these traits ask for, in the order of their fields; without those that are only inside a ``When``."""
    if traits.tier:
        yield _is("tier", "tier", "tier", traits.tier)
    if traits.products:
        names = _either(traits.products)
        yield Asked("products", "products", f"its products contain {names}", f"its products contain no {names}")
    for name in ("region", "segment"):
        if values := getattr(traits, name):
            yield _is(name, name, name, values)
    if traits.seats is not None:
        yield _in("seats", "seats", "seats", traits.seats)
    if traits.role:
        held = _either(role_words(role) for role in traits.role)
        holds, fails = f"somebody holds the role {held}", f"nobody at the customer holds the role {held}"
        yield Asked("role", "role", holds, fails)
    for name, values in traits.fields.items():
        yield _is("fields", name, name_words(name), values)
    for name, numbers in traits.numbers.items():
        yield _in("numbers", name, name_words(name), numbers)
    if traits.fact:
        names = _either(traits.fact)
        yield Asked("fact", "fact", f"{names} was reported", f"nobody reported {names}")


def _is(kind: str, name: str, called: str, values: Iterable[str]) -> Asked:
    return Asked(kind, name, f"its {called} is {_either(values)}", f"its {called} is not {_either(values)}")


def _in(kind: str, name: str, called: str, numbers: Range) -> Asked:
    limits = ((numbers.at_least, "at least"), (numbers.at_most, "at most"))
    told = " and ".join(f"{word} {limit:g}" for limit, word in limits if limit is not None)
    return Asked(kind, name, f"its {called} are {told}", f"its {called} are not {told}")


def _either(words: Iterable[str]) -> str:
    return " or ".join(words)
