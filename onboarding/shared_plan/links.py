"""Who of the customer's people may open the plan page, by which links, and until when. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from onboarding.model.case import Case, Fact, Progress
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Person
from onboarding.model.reports import known
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import LIVE, CustomerRole, FactKind, Stage, Status
from onboarding.people.stakeholders import has_left

GRACE = timedelta(days=30)
"""How long the page stays open after the onboarding is completed. This project's choice."""


def link_number(facts: Iterable[Fact], person_id: str, now: datetime) -> int:
    """Return the number that a person's links bear now: how often their links were revoked."""
    return sum(1 for fact in known(facts, now) if fact.kind is FactKind.PLAN_LINK and fact.name == person_id)


def page_closed(progress: Progress, now: datetime) -> bool:
    """Return whether nobody may open the page any more: the customer left, or the onboarding is long completed."""
    if progress.status in LIVE:
        return False
    completed_at = progress.stage_times.get(Stage.DONE)
    return progress.status is not Status.COMPLETED or completed_at is None or now > completed_at + GRACE


def page_reader(case: Case, state: OnboardingState, person_id: str, now: datetime) -> Person | None:
    """Return the person who may open the page; None for one who is unknown, left, or has no address to send it to.

    A record that cannot be read counts as unknown: who it is about may have changed.
    """
    return next((one for one in _people(case, state, now) if one.id == person_id), None)


def page_readers_at(case: Case, state: OnboardingState, address: str, now: datetime) -> tuple[Person, ...]:
    """Return those of the people who may open the page that have this mail address."""
    wanted = one_spelling(address)
    return tuple(one for one in _people(case, state, now) if one_spelling(one.email or "") == wanted)


def roles_of(state: OnboardingState, person_id: str) -> frozenset[CustomerRole]:
    """Return the roles that a person holds now."""
    return frozenset(role for role, people in state.holders.items() if any(one.id == person_id for one in people))


def _people(case: Case, state: OnboardingState, now: datetime) -> tuple[Person, ...]:
    held = {one.id: one for people in state.holders.values() for one in people}
    gone = {one.id for one, _ in state.left} - held.keys()
    found = {one.id: one for one in case.people} | held
    return tuple(
        one
        for one in found.values()
        if one.email and one.id not in gone and not one.unreadable and not has_left(one, now)
    )
