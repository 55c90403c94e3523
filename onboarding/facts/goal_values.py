"""The values of goals over time, from people, the CRM and the product, and their worth in money (GO-6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

from onboarding.dates.leaving import given_day
from onboarding.dates.working_time import zone_of
from onboarding.facts.goal_lint import day_in_text, number_in
from onboarding.facts.goals import confirmed_at, normal
from onboarding.facts.milestones import Proof
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Deal
from onboarding.model.state import Goal, GoalValue, Milestone
from onboarding.model.vocabulary import FactKind, GoalKind
from onboarding.model.written.proof import ProvenBy
from onboarding.people.leading import BY_RECORDS
from onboarding.sentences.sentence import sentence
from onboarding.values import dataclass, replace

SHAPE = "metric | value | date"
"""The format of a value on one line of the CRM's field."""
BY_PRODUCT = "product usage"
GOAL_WORTH = "goal_worth"
"""The name, among the further fields of a deal in the mapping, of the one that says what goals are worth. Its lines are
``metric | kind | worth of a unit | currency``, the last two or the kind left out where nobody knows."""


@dataclass(frozen=True, slots=True)
class _Worth:
    kind: GoalKind | None
    money: float | None
    currency: str


@dataclass(frozen=True, slots=True)
class Gain:
    """The gain of a goal so far, in the customer's own figures."""

    amount: float
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:,.0f} {self.currency}"


def with_values(goals: Iterable[Goal], case: Case, facts: Sequence[Fact], now: datetime) -> tuple[Goal, ...]:
    """Return the goals with every value known by ``now`` (UTC), in order of time.

    Values are ``goal_value`` facts, dated lines of the CRM's field, and for a goal with a signal the number of its
    events. A line that cannot be read, or names no goal, is ignored.
    """
    told = [
        (normal(fact.name), number_in(fact.value.get("value")), fact.at, fact.by)
        for fact in facts
        if fact.kind == FactKind.GOAL_VALUE
    ]
    told += [line for line in crm_lines(case) if line[2] <= now]
    zone = zone_of(case.account.zone or "UTC")
    values: dict[str, list[GoalValue]] = {}
    for metric, number, at, by in told:
        if number is not None:
            values.setdefault(metric, []).append(GoalValue(at, number, by, given_day(at, zone)))
    uses = {use.name: use for use in case.usage.signals}
    found = []
    for goal in goals:
        mine = values.get(normal(goal.metric), [])
        if goal.signal in uses and uses[goal.signal].last_at <= now:
            use = uses[goal.signal]
            mine = [*mine, GoalValue(use.last_at, float(use.total), BY_PRODUCT, given_day(use.last_at, zone))]
        found.append(replace(goal, values=tuple(sorted(mine, key=lambda value: value.at))) if mine else goal)
    return tuple(found)


def with_worth(goals: Iterable[Goal], deals: Sequence[Deal]) -> tuple[Goal, ...]:
    """Return the goals, each with the kind and the worth that the last line for its metric says.

    What a person recorded with the goal goes before. A line that cannot be read, or names no goal, is ignored; so is an
    amount without a currency, because nobody could say what it is.
    """
    told = {metric: worth for deal in deals for metric, worth in _worth_lines(deal.fields.get(GOAL_WORTH, ""))}
    found = []
    for goal in goals:
        worth = told.get(normal(goal.metric))
        if worth is not None:
            kept = goal if goal.money is not None else replace(goal, money=worth.money, currency=worth.currency)
            goal = replace(kept, kind=goal.kind or worth.kind)
        found.append(goal)
    return tuple(found)


def proofs(goals: Sequence[Goal], case: Case, activation: Milestone | None) -> Mapping[str, Proof]:
    """Return what the goals prove as they stand: that each was confirmed, by whoever confirmed the last one, and that a
    value of each is known from the day of the first value on, for one from before shows nothing that was delivered
    (GO-6). Where the first value does not apply, every value counts."""
    found = {}
    if (confirmed := confirmed_at(goals)) is not None:
        names = [goal.confirmed_by for goal in goals if goal.confirmed_at == confirmed and goal.confirmed_by]
        found[ProvenBy.GOALS_CONFIRMED.value] = Proof(at=confirmed, by=min(names, default=BY_RECORDS))
    if activation is None or activation.met:
        valued = _valued_at(goals, case, (activation and activation.done_at) or None)
        if valued is not None:
            found[ProvenBy.GOALS_VALUED.value] = Proof(at=valued, by=BY_RECORDS)
    return found


def _valued_at(goals: Sequence[Goal], case: Case, since: datetime | None) -> datetime | None:
    """Return when each goal first had a value on the day of ``since`` or later, not before ``since``; None where one
    has none, or there are no goals. Of what the product counts it is the first event, so that no later one moves it."""
    zone = zone_of(case.account.zone or "UTC")
    first_day = given_day(since, zone) if since is not None else date.min
    events = {use.name: use.events for use in case.usage.signals}
    times = []
    for goal in goals:
        values = [one for one in goal.values if one.on >= first_day]
        if not values:
            return None
        told = [one.at for one in values if one.by != BY_PRODUCT]
        counted = [at for at, _, _ in events.get(goal.signal, ()) if given_day(at, zone) >= first_day]
        if len(told) < len(values):
            told += counted[:1] or [since or values[-1].at]
        times.append(max(min(told), since or min(told)))
    return max(times, default=None)


def gain(goal: Goal) -> Gain | None:
    """Return the worth of the improvement over the baseline; None without a value, without the customer's figure for
    one unit, while the goal is only assumed, or without improvement."""
    if goal.value is None or goal.money is None or not goal.confirmed or (goal.progress or 0) <= 0:
        return None
    return Gain(abs(goal.value - goal.baseline) * goal.money, goal.currency)


def improvements(goals: Iterable[Goal]) -> tuple[float, ...]:
    """Return of each confirmed goal of kind efficiency by how much its last value is better than the baseline, as a
    share of the baseline; negative where it is worse. Goals without a value or with a baseline of zero are left out."""
    counted = [one for one in goals if one.kind is GoalKind.EFFICIENCY and one.confirmed and one.baseline]
    better = [
        (one.value - one.baseline) * (1 if one.target > one.baseline else -1) / abs(one.baseline)
        for one in counted
        if one.value is not None
    ]
    return tuple(round(one, 4) for one in better)


def way_words(goal: Goal) -> str:
    """Return the progress in words: ``82 % of the way``; empty without a value."""
    if goal.progress is None:
        return ""
    if goal.reached:
        return sentence("account_plan.way_reached")
    share = way_share(goal)
    return sentence("account_plan.way_share", share=share) if share else sentence("account_plan.way_none")


def way_share(goal: Goal) -> int | None:
    """Return how many percent of the way are done of a goal that is not reached; None if it is no nearer."""
    return min(round(100 * goal.progress), 99) if goal.progress is not None and goal.progress > 0 else None


def crm_lines(case: Case) -> Iterator[tuple[str, float | None, datetime, str]]:
    """Yield the lines of the deals' field: metric, value and the start of its day in the account's zone."""
    zone = zone_of(case.account.zone or "UTC")
    for deal in case.deals:
        for line in deal.goal_values.splitlines():
            parts = [part.strip() for part in line.split("|")]
            day = day_in_text(parts[2]) if len(parts) == 3 else None
            if day is not None:
                at = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
                yield normal(parts[0]), number_in(parts[1]), at, "CRM"


def _worth_lines(text: str) -> Iterator[tuple[str, _Worth]]:
    for line in text.splitlines():
        metric, *parts = (part.strip() for part in line.split("|"))
        if len(parts) not in (1, 3):
            continue
        kind, money, currency = (parts[0].casefold(), *parts[1:], "", "")[:3]
        amount, code = number_in(money), currency.upper()
        known = amount is not None and amount > 0 and len(code) == 3 and code.isascii() and code.isalpha()
        yield (
            normal(metric),
            _Worth(GoalKind(kind) if kind in set(GoalKind) else None, amount if known else None, code if known else ""),
        )
