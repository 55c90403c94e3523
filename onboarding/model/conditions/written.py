"""Conditions of a playbook as they are written: for which customers a part of it is."""

from collections.abc import Mapping
from dataclasses import field, fields

from onboarding.model.schedule import Name, Written
from onboarding.model.vocabulary import CustomerRole, Tier
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Written):
    """Numbers from ``at_least`` to ``at_most``, both included; an unknown number is in no range."""

    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most, so no number is in it")

    def holds(self, number: float | None) -> bool:
        """Return whether the number is in the range."""
        if number is None:
            return False
        return (self.at_least is None or number >= self.at_least) and (self.at_most is None or number <= self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits(Written):
    """What is asked of a customer. All that is given must hold; of a list one is enough. Capitals do not matter."""

    tier: tuple[Tier, ...] = ()
    products: tuple[str, ...] = ()
    """Products bought, by name or code."""
    region: tuple[str, ...] = ()
    """The CRM's field that the mapping names ``region``, or the country's ISO code."""
    segment: tuple[str, ...] = ()
    """The CRM's field that the mapping names ``segment``."""
    seats: Range | None = None
    """Of all won deals together."""
    role: tuple[CustomerRole, ...] = ()
    """Roles of which somebody at the customer holds one."""
    fields: Mapping[Name, tuple[str, ...]] = field(default_factory=dict)
    """Values of further fields of the account or a deal, by the names in the mapping; ``industry`` is always known."""
    numbers: Mapping[Name, Range] = field(default_factory=dict)
    """The same for fields that hold a number."""
    fact: tuple[str, ...] = ()
    """Names of facts of which one was reported: a milestone as done, a handoff item, a signal of the product."""

    @property
    def named_fields(self) -> tuple[tuple[str, ...], ...]:
        """Return the mapped fields that it asks for, each with its place here; the last part of that is its name."""
        own = ((name,) for name in ("region", "segment") if getattr(self, name))
        return (*own, *(("fields", name) for name in self.fields), *(("numbers", name) for name in self.numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Traits):
    """A condition: all that is given, all of ``all_of``, at least one of ``any_of``, and none of ``none_of``."""

    all_of: tuple[Traits, ...] = ()
    any_of: tuple[Traits, ...] = ()
    none_of: tuple[Traits, ...] = ()

    def __post_init__(self) -> None:
        for one in (self, *self.parts):
            if not any(getattr(one, each.name) for each in fields(one)):
                raise ValueError("a condition must ask for something, such as products: [Analytics]")

    @property
    def parts(self) -> tuple[Traits, ...]:
        """Return the traits inside it."""
        return (*self.all_of, *self.any_of, *self.none_of)
