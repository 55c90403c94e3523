"""Who is new to an onboarding that is under way: named after its people were welcomed, and not written to before."""

from collections.abc import Iterator
from datetime import datetime

from onboarding.model.case import Case
from onboarding.model.parties import Person
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel, CustomerRole
from onboarding.newcomers.joining import joined_at
from onboarding.review_context import ReviewContext
from onboarding.values import dataclass

ANCHOR = "joined"
"""The anchor of a step that is sent once to each newcomer: ``due: {from: joined}``."""
WELCOME = "welcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A person who joined later; ``role`` is the first of the step's that they hold, ``at`` when they joined (UTC)."""

    person: Person
    role: CustomerRole
    at: datetime


def newcomers(context: ReviewContext, step: Step) -> tuple[Newcomer, ...]:
    """Return those with a role of the step who joined after the people were welcomed, the earliest first.

    Nobody whose address has had a mail of this onboarding before they joined: they know of it, whichever way that came.
    """
    welcomed = welcomed_at(context.case)
    if welcomed is None:
        return ()
    found: dict[str, Newcomer] = {}
    for one in _joined_after(context, step, welcomed):
        found.setdefault(one.person.id, one)
    return tuple(sorted(found.values(), key=lambda one: (one.at, one.person.id)))


def welcomed_at(case: Case) -> datetime | None:
    """Return the moment (UTC) after which somebody who joins is new; None while the welcome is still ahead.

    It is when the first welcome was sent; where none will be, when that was settled (a person welcomes, or did); for
    an account that was taken over the takeover.
    """
    lines = [line for line in case.effects if line.kind == WELCOME and line.channel is Channel.MAIL]
    moments = [line.sent_at for line in lines if line.sent_at]
    if not moments and not any(line.state in UNSENT | ON_ITS_WAY for line in lines):
        moments = [one.at for one in case.touchpoints if one.step == WELCOME]
    if case.progress.adopted_at is not None:
        moments.append(case.progress.adopted_at)
    return min(moments, default=None)


def who_joined(context: ReviewContext, step: Step, person_id: str) -> Newcomer | None:
    """Return the newcomer with this id; None if that person is none, or not any more."""
    return next((one for one in newcomers(context, step) if one.person.id == person_id), None)


def has_had(case: Case, step: Step, newcomer: Newcomer) -> bool:
    """Return whether the step's mail went to the newcomer's address under another id: a person known from a report
    becomes a contact of the CRM."""
    address = (newcomer.person.email or "").strip().lower()
    lines = (line for line in case.effects if line.kind == step.name and line.channel is Channel.MAIL)
    return any(line.state in ON_ITS_WAY and line.recipient.lower() == address for line in lines)


def _joined_after(context: ReviewContext, step: Step, welcomed: datetime) -> Iterator[Newcomer]:
    case, joined = context.case, joined_at(context.case, context.now)
    for role in step.mail.to.roles if step.mail else CustomerRole:
        for person in context.state.holders.get(role, ()):
            at = joined.get(person.id)
            if at is not None and at > welcomed and not _written_to(case, person, at):
                yield Newcomer(person=person, role=role, at=at)


def _written_to(case: Case, person: Person, before: datetime) -> bool:
    """Return whether a mail of this onboarding went to this person, or to their address, before a moment."""
    address = (person.email or "").strip().lower()
    return any(
        line.channel is Channel.MAIL
        and line.sent_at is not None
        and line.sent_at < before
        and (line.person_id == person.id or (address and line.recipient.lower() == address))
        for line in case.effects
    )
