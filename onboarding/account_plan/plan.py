"""The account plan of one customer, from the facts of its onboarding (CT-1 to CT-5)."""

from collections.abc import Iterator
from datetime import datetime

from onboarding.facts.goal_words import aim_sentences
from onboarding.model.case import Case
from onboarding.model.parties import Advocate
from onboarding.model.review import Review
from onboarding.model.state import Goal, Lesson, Promise
from onboarding.model.vocabulary import CustomerRole, PromiseState, Stage, Status, VendorRole
from onboarding.profiles.buy_in_words import short_sentences
from onboarding.sentences.sentence import sentence, within
from onboarding.values import dataclass

NEARLY_ALL = 0.8
"""Share of the seats in use from which more seats are suggested. This project's choice."""
HARDLY_ANY = 0.3
"""Share of the seats in use up to which the unused seats are a suggestion. This project's choice."""


@dataclass(frozen=True, slots=True)
class Relationship:
    """A contact of the customer with their roles; ``left``: the role they held before they left."""

    name: str
    roles: tuple[CustomerRole, ...]
    email: str | None
    left: bool = False
    matters: tuple[str, ...] = ()
    """Where they stand and what matters to them, an item each."""


@dataclass(frozen=True, slots=True)
class UsePattern:
    """Use of the product: people seen, seats sold, and the number of people per signal."""

    known: bool
    seats: int
    users: int
    last_at: datetime | None
    signals: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A contact who may speak for the vendor."""

    name: str
    advocate: Advocate


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """What the next owner of the customer has to know; instants are in UTC."""

    account: str
    owner: str
    seller: str
    signed_at: datetime
    activated_at: datetime | None
    completed_at: datetime | None
    relationships: tuple[Relationship, ...]
    aims: tuple[str, ...]
    """What stands above the goals, in words."""
    goals: tuple[Goal, ...]
    promises: tuple[Promise, ...]
    usage: UsePattern
    opportunities: tuple[str, ...]
    """Starting points for a conversation about growth, each with its reason."""
    risks: tuple[str, ...]
    """Stalls, promises not kept, goals not reached, a missing champion."""
    speakers: tuple[Speaker, ...]
    lessons: tuple[Lesson, ...]


def is_due(review: Review) -> bool:
    """Return whether the plan is to be handed over: from activation or the last stage on, unless the customer left."""
    if review.progress.status in (Status.CHURNED, Status.CANCELLED):
        return False
    late = review.progress.stage in (Stage.FIRST_VALUE, Stage.DONE)
    return late or review.state.activated_at is not None


def account_plan(case: Case, review: Review) -> AccountPlan:
    """Return the account plan that follows from a review of ``case``."""
    state = review.state
    seller = state.team.get(VendorRole.ACCOUNT_EXECUTIVE)
    usage = _usage(case, state.last_activity_at)
    known = [person for people in state.holders.values() for person in people]
    names = {person.id: person.name for person in (*known, *case.people)}
    return AccountPlan(
        account=case.account.name,
        owner=state.owner.name if state.owner else "",
        seller=seller.name if seller else "",
        signed_at=case.signed_at,
        activated_at=state.activated_at,
        completed_at=review.progress.stage_times.get(Stage.DONE),
        relationships=tuple(relationships(review)),
        aims=aim_sentences(sorted(case.facts, key=lambda fact: fact.at)),
        goals=state.goals,
        promises=state.promises,
        usage=usage,
        opportunities=tuple(_opportunities(review, usage)),
        risks=tuple(_risks(review)),
        # Whoever is known no longer, such as an erased person, can be asked for nothing.
        speakers=tuple(Speaker(names[one.person], one) for one in state.advocates if one.person in names),
        lessons=state.lessons,
    )


def relationships(review: Review) -> Iterator[Relationship]:
    """Yield champions first, then contacts in the order of the roles, then those who have left."""
    roles: dict[str, list[CustomerRole]] = {}
    people = {}
    for role in (CustomerRole.CHAMPION, *CustomerRole):
        for person in review.state.holders.get(role, ()):
            people[person.id] = person
            held = roles.setdefault(person.id, [])
            held += [role] if role not in held else []
    for key, person in people.items():
        told = short_sentences(review.state, key)
        yield Relationship(person.name, tuple(roles[key]), person.email, matters=told)
    for person, role in review.state.left:
        if person.id not in people:
            yield Relationship(person.name, (role,), person.email, left=True)


def _usage(case: Case, last_at: datetime | None) -> UsePattern:
    seats = sum(deal.seats or 0 for deal in case.deals if deal.won)
    signals = tuple((use.name, use.users) for use in sorted(case.usage.signals, key=lambda use: (-use.users, use.name)))
    return UsePattern(
        known=case.usage.known,
        seats=seats,
        users=max((users for _, users in signals), default=0),
        last_at=last_at,
        signals=signals,
    )


def _opportunities(review: Review, usage: UsePattern) -> Iterator[str]:
    if usage.known and usage.seats:
        share = usage.users / usage.seats
        if share >= NEARLY_ALL:
            yield sentence("account_plan.more_seats", users=usage.users, seats=usage.seats)
        elif usage.users and share <= HARDLY_ANY:
            yield sentence("account_plan.few_seats", users=usage.users, seats=usage.seats)
    for goal in review.state.goals:
        if goal.reached:
            yield sentence("account_plan.next_goal", metric=goal.metric)
    noted = review.state.milestones.get("expansion_identified")
    if noted is not None and noted.reason:
        yield noted.reason


def _risks(review: Review) -> Iterator[str]:
    yield from (within(stall.cause) for stall in review.stalls)
    for promise in review.state.promises:
        if promise.state is not PromiseState.KEPT:
            yield sentence(f"account_plan.risk_{promise.state.value}", promise=promise.text)
    for goal in review.state.goals:
        if not goal.reached:
            yield _not_reached(goal)
    if CustomerRole.CHAMPION not in review.state.holders:
        yield sentence("account_plan.no_champion")


def _not_reached(goal: Goal) -> str:
    if goal.value is None:
        return sentence("account_plan.goal_unknown", metric=goal.metric)
    return sentence("account_plan.goal_not_reached", metric=goal.metric, value=goal.value, unit=goal.unit)
