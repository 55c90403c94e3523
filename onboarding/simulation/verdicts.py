"""Whether simulated customers keep a policy: the messages are counted, and what breaks it is shown. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from onboarding.dates.working_time import add_working_days, zone_of
from onboarding.model.case import Calendar
from onboarding.model.message_policy import Topic
from onboarding.model.schedule import Offset
from onboarding.model.vocabulary import Channel, Side, Tier
from onboarding.simulation.policies import Habit, Messages, Per, Policy

MINUTE = "%a %Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One simulated customer. The zone is that of the customer and all of its people."""

    number: int
    signed_at: datetime
    tier: Tier
    zone: str
    country: str
    habit: Habit
    days: int
    """For how many days it is simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message that left."""

    at: datetime
    local: datetime
    """The same moment on the reader's clock."""
    day_off: bool
    """Whether that is no working day of the reader."""
    channel: Channel
    side: Side
    step: str
    topic: Topic | None
    role: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happened to one customer from its signature on."""

    customer: Customer
    until: datetime
    """The end of the simulation."""
    calendar: Calendar
    events: Mapping[str, datetime]
    """The moments of the events of a policy that came."""
    messages: tuple[Message, ...]
    """By time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Where a customer's messages break a policy."""

    customer: Customer
    day: date
    """The day in the customer's zone."""
    because: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result for one policy."""

    policy: Policy
    customers: int
    """The number of customers that it concerned."""
    days: int
    """For how many days they were simulated, all together."""
    breaches: tuple[Breach, ...]

    @property
    def holds(self) -> bool:
        """Return whether it was proved: it concerned a customer, and none broke it."""
        return self.customers > 0 and not self.breaches


def verdict(policy: Policy, lives: Iterable[Life]) -> Verdict:
    """Return whether these customers keep the policy; each breaks it at most once for each of its readers."""
    concerned = [(life, span) for life in lives if (span := _span(policy, life)) is not None]
    return Verdict(
        policy=policy,
        customers=len(concerned),
        days=sum(life.customer.days for life, _ in concerned),
        breaches=tuple(breach for life, span in concerned for breach in _breaches(policy, life, span)),
    )


def fits(wanted: Messages, message: Message) -> bool:
    """Return whether a message is one of those that are counted."""
    hours = wanted.outside_hours
    return (
        wanted.channel in (None, message.channel.value)
        and wanted.side in (None, message.side.value)
        and (not wanted.roles or message.role in wanted.roles)
        and (not wanted.topics or message.topic in wanted.topics)
        and (not wanted.steps or message.step in wanted.steps)
        and (message.day_off or not wanted.on_days_off)
        and (hours is None or not hours.start <= message.local.time() < hours.end)
    )


def _span(policy: Policy, life: Life) -> tuple[datetime, datetime] | None:
    """Return begin and end (excluded) of the time in which messages count; None where the customer is not concerned."""
    customer = life.customer
    if (policy.tiers and customer.tier not in policy.tiers) or (policy.habits and customer.habit not in policy.habits):
        return None
    if policy.of is None:
        return customer.signed_at, life.until
    began = life.events.get(policy.of)
    if began is None or began >= life.until:
        return None
    end = life.until if policy.within is None else _end(policy.within, began, life)
    if end > life.until and policy.at_most is None:
        return None
    return began, end


def _end(within: Offset, began: datetime, life: Life) -> datetime:
    if within.working_days:
        return add_working_days(began, within.working_days, life.customer.zone, life.calendar)
    return began + timedelta(days=within.days, hours=within.hours)


def _breaches(policy: Policy, life: Life, span: tuple[datetime, datetime]) -> Iterator[Breach]:
    if policy.messages is None:
        yield from _not_reached(policy, life, span)
        return
    wanted = policy.messages
    found = [one for one in life.messages if one.at >= span[0] and fits(wanted, one)]
    inside = [one for one in found if one.at < span[1]]
    if policy.at_least is not None:
        if len(inside) < policy.at_least:
            yield _too_few(policy.at_least, inside, found, life, span[1])
        return
    groups: defaultdict[str, list[Message]] = defaultdict(list)
    for one in inside:
        groups[_whose(policy.per, one)].append(one)
    for whose in sorted(groups):
        if many := _too_many(policy, groups[whose]):
            because = f"{len(many)} {'message' if len(many) == 1 else 'messages'}{f' to {whose}' if whose else ''}"
            yield _breach(life, many[-1].at, f"{because}, at most {policy.at_most}", many)


def _too_many(policy: Policy, messages: Sequence[Message]) -> Sequence[Message]:
    """Return the first messages that are too many for one span of time; none if there are no such."""
    most = policy.at_most or 0
    within = policy.within if policy.of is None else None
    for first in range(len(messages) - most):
        if within is None:
            return messages
        end = messages[first].at + timedelta(days=within.days, hours=within.hours)
        if messages[first + most].at < end:
            return [one for one in messages[first:] if one.at < end]
    return ()


def _too_few(least: int, inside: Sequence[Message], found: Sequence[Message], life: Life, end: datetime) -> Breach:
    """Return the breach, with the messages that came in time, or else the first that came later."""
    by = f"{_local(end, life):{MINUTE}} ({life.customer.zone})"
    late = found[len(inside) : len(inside) + 1]
    because = f"{len(inside)} of {least} before {by}" + (", and this one after it" if late else ", and none later")
    return _breach(life, end, because, (*inside, *late))


def _not_reached(policy: Policy, life: Life, span: tuple[datetime, datetime]) -> Iterator[Breach]:
    name = str(policy.reaches)
    at = life.events.get(name)
    if at is None or at > span[1]:
        when = f"only on {_local(at, life):{MINUTE}}" if at is not None and at < life.until else "not at all"
        by = f"{_local(span[1], life):{MINUTE}} ({life.customer.zone})"
        yield _breach(life, span[1], f"{name} by {by}: reached {when}", ())


def _breach(life: Life, at: datetime, because: str, messages: Sequence[Message]) -> Breach:
    return Breach(customer=life.customer, day=_local(at, life).date(), because=because, messages=tuple(messages))


def _whose(per: Per, message: Message) -> str:
    return {Per.CUSTOMER: "", Per.ROLE: message.role, Per.PERSON: message.person}[per]


def _local(at: datetime, life: Life) -> datetime:
    return at.astimezone(zone_of(life.customer.zone))
