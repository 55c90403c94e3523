"""Who is new to an onboarding that is under way: named after its people were welcomed, and not written to before."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from onboarding.model.case import Case
from onboarding.model.identity import one_spelling, plain_letters
from onboarding.model.parties import Person
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import ON_ITS_WAY, Channel, CustomerRole, EffectState, TouchpointOutcome
from onboarding.newcomers.joining import first_named, joined_at
from onboarding.newcomers.welcome import welcomed_at, with_welcome
from onboarding.people.stakeholders import person_named
from onboarding.review_context import ReviewContext
from onboarding.values import dataclass, replace

ANCHOR = "joined"
"""The anchor of a step that is sent once to each newcomer: ``due: {from: joined}``."""
_WENT_THERE = ON_ITS_WAY | {EffectState.DEAD}
"""States of a mail after which no other one of its step goes to its address: a dead one can be retried by a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A person who joined later; ``role`` is the first of the step's that they hold, ``at`` when they joined (UTC)."""

    person: Person
    role: CustomerRole
    at: datetime
    others: tuple[str, ...] = ()
    """Names of those who joined with the same address, to which one mail goes."""

    namesake: bool = False
    """Whether somebody of the same name was in the map before, with another address: it may be the same person."""

    @property
    def address(self) -> str:
        """Return the address in one spelling; empty if there is none."""
        return one_spelling(self.person.email or "")


def newcomers(context: ReviewContext, step: Step) -> tuple[Newcomer, ...]:
    """Return those with a role of the step who joined after the people were welcomed, the earliest first, and of
    several with one address the earliest.

    Nobody who has or will get a welcome, or whose address has had a mail of this onboarding before they joined: they
    know of it, whichever way that came.
    """
    welcomed = welcomed_at(context.case)
    if welcomed is None:
        return ()
    people: dict[str, Newcomer] = {}
    for one in _joined_after(context, step, welcomed):
        people.setdefault(one.person.id, one)
    if not people:
        return ()
    greeted, earlier = with_welcome(context), _earlier_names(context)
    found: dict[str, Newcomer] = {}
    first = first_named(context.case, context.now)
    for one in sorted(people.values(), key=lambda one: (first[one.person.id], one.person.id)):
        if one.person.id in greeted or one.address in greeted:
            continue
        name = one.address or one.person.id
        if name in found:
            found[name] = replace(found[name], others=(*found[name].others, one.person.name))
        else:
            before = earlier.get(plain_letters(one.person.name), {})
            mine = min((at for address, at in before.items() if address != name), default=None)
            found[name] = replace(one, namesake=mine is not None and mine < (one.at, one.person.id))
    return tuple(found.values())


def who_joined(context: ReviewContext, step: Step, person_id: str) -> Newcomer | None:
    """Return the newcomer with this id; None if that person is none, or not any more."""
    return next((one for one in newcomers(context, step) if one.person.id == person_id), None)


def had_as(case: Case, step: Step, newcomer: Newcomer) -> frozenset[str]:
    """Return the ids under which the newcomer or their address had the step's mail: a person known from a report
    becomes a contact of the CRM, or two contacts share an address."""
    return frozenset(
        line.person_id
        for line in case.effects
        if line.kind == step.name
        and line.channel is Channel.MAIL
        and line.state in _WENT_THERE
        and (line.person_id == newcomer.person.id or one_spelling(line.recipient) == newcomer.address != "")
    )


def decided_as(case: Case, step: Step, newcomer: Newcomer) -> frozenset[str]:
    """Return the other ids of the newcomer under which it was decided that no mail goes to them: skipped, or left to a
    person. What is planned and then cancelled decides nothing."""
    same = {one.id for one in case.people if one_spelling(one.email or "") == newcomer.address != ""}
    same |= {person_named(newcomer.address)} if newcomer.address else set()
    return frozenset(
        point.occurrence
        for point in case.touchpoints
        if point.step == step.name and point.outcome is not TouchpointOutcome.PLANNED
        if point.occurrence in same and point.occurrence != newcomer.person.id
    )


def _earlier_names(context: ReviewContext) -> Mapping[str, Mapping[str, tuple[datetime, str]]]:
    """Return by plain name and address (the id where there is none) the first moment at which somebody had a role, with
    their id."""
    state, joined = context.state, joined_at(context.case, context.now)
    reported = (person for people in state.holders.values() for person in people)
    people = {one.id: one for one in (*reported, *(person for person, _ in state.left), *context.case.people)}
    found: dict[str, dict[str, tuple[datetime, str]]] = {}
    for person in people.values():
        if person.id in joined:
            there = found.setdefault(plain_letters(person.name), {})
            name, at = one_spelling(person.email or "") or person.id, (joined[person.id], person.id)
            there[name] = min(at, there.get(name, at))
    return found


def _joined_after(context: ReviewContext, step: Step, welcomed: datetime) -> Iterator[Newcomer]:
    case, joined = context.case, joined_at(context.case, context.now)
    for role in step.mail.to.roles if step.mail else CustomerRole:
        for person in context.state.holders.get(role, ()):
            at = joined.get(person.id)
            if at is not None and at > welcomed and not _written_to(case, person, at):
                yield Newcomer(person=person, role=role, at=at)


def _written_to(case: Case, person: Person, before: datetime) -> bool:
    """Return whether a mail of this onboarding went to this person, or to their address, before a moment."""
    address = one_spelling(person.email or "")
    return any(
        line.channel is Channel.MAIL
        and line.sent_at is not None
        and line.sent_at < before
        and (line.person_id == person.id or (address and one_spelling(line.recipient) == address))
        for line in case.effects
    )
