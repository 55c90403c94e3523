"""Policies: rules in words and figures that a cohort of simulated customers must keep (``policies.yaml``).

Each counts messages, or waits for an event. The kinds are put together from the same few fields: how many of which
messages, each customer, role or person, in which time, after which event.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from onboarding.model.message_policy import Topic
from onboarding.model.schedule import Hours, Name, Offset, Text, Written
from onboarding.model.vocabulary import CustomerRole, Tier, VendorRole

EVENTS = r"^(signature|kickoff|activation|stage:(kickoff|setup|training|first_value|done)|milestone:[a-z0-9_]+)$"
"""The events from which a policy may count, or for which it may wait. ``stage:`` is the entry of a stage, ``kickoff``
the call itself."""
MILESTONE = "milestone:"

Event = Annotated[str, Text(pattern=EVENTS)]


class Habit(StrEnum):
    """How the people around a simulated customer behave."""

    IN_TIME = "in_time"
    """Everybody does their work by its due date."""
    LATE = "late"
    """The customer is weeks late, and the vendor days."""
    SILENT = "silent"
    """The customer does nothing."""


class Per(StrEnum):
    """Whose messages are counted together."""

    CUSTOMER = "customer"
    ROLE = "role"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages(Written):
    """Which messages are counted: those that fit every field that is given. Edits of Slack messages never count."""

    channel: Literal["mail", "slack"] | None = None
    side: Literal["customer", "vendor"] | None = None
    """The side of the reader."""
    roles: tuple[CustomerRole | VendorRole, ...] = ()
    """The roles as which its reader gets it; with one that both sides have, give ``side`` too."""
    topics: tuple[Topic, ...] = ()
    steps: tuple[Name, ...] = ()
    """Steps of the playbooks; also ``stall`` (an escalation) and ``digest``."""
    on_days_off: bool = False
    """Only those that leave on a weekend day or public holiday of the reader."""
    outside_hours: Hours | None = None
    """Only those that leave at another time of day in the reader's zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Written):
    """One rule. It counts ``messages`` against ``at_most`` or ``at_least``, or ``reaches`` an event in a time.

    ``within`` alone is any span of that length, and with ``of`` the one that begins at that event. A customer for
    whom the event does not come, or whose time ends after the simulation, is not concerned.
    """

    name: Name
    says: Annotated[str, Text(means="The rule in words, as a failure tells it.")]
    tiers: tuple[Tier, ...] = ()
    """Only customers of these; empty for all."""
    habits: tuple[Habit, ...] = ()
    """Only customers whose people behave so; empty for all."""
    messages: Messages | None = None
    reaches: Event | None = None
    at_most: int | None = field(default=None, metadata={"ge": 0, "le": 1000})
    """0 is never."""
    at_least: int | None = field(default=None, metadata={"ge": 1, "le": 1000})
    per: Per = Per.CUSTOMER
    within: Offset | None = None
    """Working days are those of the customer's country."""
    of: Event | None = None

    def __post_init__(self) -> None:
        if (self.messages is None) == (self.reaches is None):
            raise ValueError("give either messages, to count them, or reaches, to wait for an event")
        if self.messages is not None and (self.at_most is None) == (self.at_least is None):
            raise ValueError("messages are counted against one number: give either at_most or at_least")
        if self.reaches is not None and (self.at_most is not None or self.at_least is not None):
            raise ValueError("an event comes once: take out at_most and at_least")
        if self.at_most is None and (self.within is None or self.of is None):
            raise ValueError("say by when: within a time of an event (`of: signature`)")
        if self.at_most is None and self.per is not Per.CUSTOMER:
            raise ValueError("per is for at_most: at_least and reaches are proved for each customer")
        if self.within is not None:
            self._check_time(self.within)

    def _check_time(self, within: Offset) -> None:
        if min(within.days, within.hours) < 0 or not (within.days or within.hours or within.working_days):
            raise ValueError("within is the length of a time: give hours, days or working_days above 0")
        if within.working_days and self.of is None:
            raise ValueError("working_days are counted from an event: say of which")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies(Written):
    """The file ``policies.yaml`` beside the playbooks."""

    policies: tuple[Policy, ...] = field(metadata={"min_length": 1, "max_length": 200})

    def __post_init__(self) -> None:
        names = [one.name for one in self.policies]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two policies are named {twice}: give one another name")
