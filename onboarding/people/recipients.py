"""The recipients of a step's message, and who is left out and why: roles, topic policy, addresses and opt-outs.

The result depends on the case alone, not on the order in which a CRM lists people.
"""

from collections.abc import Iterable, Mapping

from onboarding.model.case import Case
from onboarding.model.message_policy import Purpose, Recipients, Topic, may_receive
from onboarding.model.parties import Person
from onboarding.model.phrases import name_words, role_words
from onboarding.model.playbook import Step
from onboarding.model.state import OnboardingState
from onboarding.model.suppressions import suppression_for
from onboarding.model.vocabulary import CustomerRole, VendorRole
from onboarding.people.audience import (
    WITHOUT_SUBSTITUTE,
    Audience,
    LeftOut,
    LeftOutFor,
    Recipient,
    cannot_be_read,
    unreadable_words,
)
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContext:
    """The topic and purpose of a mail, and the case that decides who may get it."""

    topic: Topic
    purpose: Purpose
    case: Case
    state: OnboardingState


def recipients(step: Step, case: Case, state: OnboardingState, topic: Topic | None = None) -> Audience:
    """Return the contacts who get the mail of ``step``; none if it has no mail.

    All who hold the step's roles; if none of them can be written to, those with the first of ``otherwise`` that
    can; as the last resort one person with an address. A contact who opted out in the CRM counts as reached,
    because a person of the vendor writes instead, so no substitute gets the mail (DE-7). Two people with one
    address get one mail. ``topic`` overrides the mail's own.
    """
    if step.mail is None:
        return Audience(because="it has no mail")
    means = step.mail.to
    about = MailContext(topic=topic or step.mail.topic, purpose=step.purpose, case=case, state=state)
    left_out = _left(means, state)
    without_role = cannot_be_read(state, (None,))  # any of them may hold the role that is addressed
    tiers: list[tuple[CustomerRole, ...]] = [means.roles, *((role,) for role in means.otherwise)]
    for number, roles in enumerate(tiers):
        if number > 0 and without_role:
            break
        found = _holders(roles, state)
        why = "" if number == 0 else f", as nobody with {_roles(means.roles)} can be written to"
        to, out = _usable(found, about, why)
        out += cannot_be_read(state, roles)
        left_out += out
        if to or any(person.reason in WITHOUT_SUBSTITUTE for person in out):
            return Audience(to=to, left_out=_once(left_out, to), because="" if to else _why_none(means, left_out))
    if without_role:
        left_out += without_role
        return Audience(left_out=_once(left_out, ()), because=_why_none(means, left_out))
    if means.anybody:
        to, out = _usable(_any_contact(case, state), about, ", the only one we can write to")
        left_out += [] if to else out
        return Audience(to=to[:1], left_out=_once(left_out, to[:1]), because=_why_none(means, left_out))
    return Audience(left_out=_once(left_out, ()), because=_why_none(means, left_out))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """A contact who can or may get no automated mail, or not every kind."""

    id: str
    name: str
    role: str
    because: str
    """After the name: ``wants no automated mail; ...``."""


def unwritten(case: Case, state: OnboardingState, people: Iterable[Person] | None = None) -> tuple[Unwritten, ...]:
    """Return those of ``people`` (by default all with a role) who may not or cannot be written to, and why; people who
    left are not included."""
    gone = {person.id for person, _ in state.left}
    roles = {person.id: role.value for role, holders in state.holders.items() for person in holders}
    found = []
    for person in _concerned(case, state) if people is None else people:
        _, because = _mail_obstacle(person, (person.email or "").strip(), case, Purpose.PROMOTIONAL)
        if because and (person.id in roles or person.id not in gone):
            found.append(Unwritten(id=person.id, name=person.name, role=roles.get(person.id, ""), because=because))
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))


def _concerned(case: Case, state: OnboardingState) -> Iterable[Person]:
    parts = {part.person_id for part in case.stakeholders if not part.left}
    known = {person.id: person for person in case.people if person.id in parts}
    return (known | {person.id: person for holders in state.holders.values() for person in holders}).values()


def audience_among(
    people: Mapping[str, tuple[Person, str]], step: Step, case: Case, state: OnboardingState, why: str
) -> Audience:
    """Return those of these people, each with the role in which they are addressed, who may get the mail of
    ``step``."""
    if step.mail is None:
        return Audience(because="it has no mail")
    about = MailContext(topic=step.mail.topic, purpose=step.purpose, case=case, state=state)
    to, left_out = _usable(people, about, why)
    return Audience(to=to, left_out=tuple(left_out))


def colleagues(step: Step, state: OnboardingState) -> Audience:
    """Return the vendor's people who get the Slack message of ``step``, each once, in their own time zone."""
    if step.slack is None:
        return Audience(because="it has no Slack message")
    found: dict[str, Recipient] = {}
    for role in step.slack.to:
        owner = state.team.get(role)
        if owner is not None and owner.id not in found:
            found[owner.id] = Recipient(
                id=owner.id,
                name=owner.name,
                address=owner.email,
                role=role.value,
                zone=owner.zone,
                country=owner.country,
                because=f"as {role_words(role)}",
            )
    return Audience(to=tuple(found.values()), because=f"none of our people is {_roles(step.slack.to)}")


def _holders(roles: tuple[CustomerRole, ...], state: OnboardingState) -> dict[str, tuple[Person, str]]:
    """Return people by id with the first of ``roles`` that they hold, in the order of the roles and then of ids."""
    found: dict[str, tuple[Person, str]] = {}
    for role in roles:
        for person in sorted(state.holders.get(role, ()), key=lambda person: person.id):
            found.setdefault(person.id, (person, role.value))
    return found


def _any_contact(case: Case, state: OnboardingState) -> dict[str, tuple[Person, str]]:
    """Return all contacts who have not left by id: contacts of the deal first, then by id."""
    gone = {person.id for person, _ in state.left}
    in_deal = {part.person_id for part in case.stakeholders}
    there = [p for p in case.people if p.left_on is None and p.id not in gone and not p.unreadable]
    there.sort(key=lambda person: (person.id not in in_deal, person.id))
    return {person.id: (person, "contact") for person in there}


def _usable(
    found: Mapping[str, tuple[Person, str]], about: MailContext, why: str
) -> tuple[tuple[Recipient, ...], list[LeftOut]]:
    to: dict[str, Recipient] = {}
    left_out: list[LeftOut] = []
    for person, role in found.values():
        address = (person.email or "").strip()
        reason, because = _obstacle(person, address, about)
        one = Recipient(
            id=person.id,
            name=person.name,
            address=address,
            role=role,
            zone=person.zone,
            country=person.country,
            because=f"as {role_words(role)}{why}",
        )
        if reason is None and address.lower() in to:
            reason = "same_address"
            because = f"has the same address as {to[address.lower()].name}, who gets it"
        if reason is None:
            to[address.lower()] = one
        else:
            kept = one if reason in ("kept_back", "unreadable") else None
            left_out.append(
                LeftOut(id=person.id, name=person.name, role=role, reason=reason, because=because, withheld=kept)
            )
    return tuple(to.values()), left_out


def _obstacle(person: Person, address: str, about: MailContext) -> tuple[LeftOutFor | None, str]:
    held = frozenset(
        role for role, people in about.state.holders.items() if person.id in {other.id for other in people}
    )
    if not may_receive(held, about.topic):
        roles = _roles(tuple(role for role in sorted(held) if not may_receive(frozenset({role}), about.topic)))
        return "policy", f"is {roles}, who must not get {name_words(about.topic)}"
    return _mail_obstacle(person, address, about.case, about.purpose)


def _mail_obstacle(person: Person, address: str, case: Case, purpose: Purpose) -> tuple[LeftOutFor | None, str]:
    """Return why no mail of this purpose may or can go there, whatever its topic."""
    if person.unreadable:
        return "unreadable", unreadable_words(person)
    if person.opted_out:
        return "opted_out", "wants no automated mail; one of our people writes instead"
    if not address:
        return "no_address", "has no mail address in the CRM"
    suppression = suppression_for(case.suppressions, person.id, address, purpose)
    if suppression is not None:
        return ("suppressed" if suppression.for_good else "kept_back"), suppression.words()
    return None, ""


def _left(means: Recipients, state: OnboardingState) -> list[LeftOut]:
    return [
        LeftOut(id=person.id, name=person.name, role=role.value, reason="left", because="has left")
        for person, role in sorted(state.left, key=lambda pair: (pair[1], pair[0].id))
        if role in means.roles
    ]


def _once(left_out: list[LeftOut], to: tuple[Recipient, ...]) -> tuple[LeftOut, ...]:
    """Return each person at most once, without those who get the message."""
    served = {person.id for person in to}
    return tuple({person.id: person for person in left_out if person.id not in served}.values())


def _why_none(means: Recipients, left_out: list[LeftOut]) -> str:
    if not left_out:
        return f"nobody is known as {_roles((*means.roles, *means.otherwise))}"
    return "; ".join(f"{person.name} {person.because}" for person in _once(left_out, ()))


def _roles(roles: Iterable[CustomerRole | VendorRole]) -> str:
    return " or ".join(role_words(role) for role in roles)
