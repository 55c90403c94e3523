"""Candidates: the occurrences of steps that are not settled, and whether each waits, is sent, needs a person, or is too
late."""

from datetime import datetime
from enum import StrEnum

from onboarding.clashes.asking import one_who_decides
from onboarding.clashes.clash import ANCHOR
from onboarding.model.vocabulary import Channel
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.newcomers.newcomers import Newcomer, who_joined
from onboarding.people.audience import Audience, LeftOut, Recipient
from onboarding.people.recipients import audience_among, colleagues
from onboarding.touchpoints.appointments import invited
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import Window, opening, window
from onboarding.values import dataclass, replace

BY_PEOPLE = frozenset({"opted_out", "unreadable", "namesake"})
"""Reasons to leave somebody out that a person settles: by writing themselves, or by mending the record."""


class Fate(StrEnum):
    """The state of a candidate at the moment of the context."""

    AHEAD = "ahead"
    WAITING = "waiting"
    READY = "ready"
    FOR_A_PERSON = "for_a_person"
    """Its contacts want no automated mail: a person of the vendor writes instead."""
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one person, with its window."""

    channel: Channel
    to: Recipient
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An occurrence with its recipients and their windows."""

    occurrence: Occurrence
    deliveries: tuple[Delivery, ...]
    left_out: tuple[LeftOut, ...]
    opens_at: datetime
    """When the first recipient could get it; without recipients, by the account's working time."""
    expires_at: datetime
    """After this moment no recipient could get it in time."""
    fate: Fate
    withheld: tuple[Delivery, ...] = ()
    """Messages that wait for a person to lift an obstacle."""
    because: str = ""
    """What it waits for, or why there are no recipients, in words."""


def audiences(context: TouchpointContext, occurrence: Occurrence) -> tuple[tuple[Channel, Audience], ...]:
    """Return the audience of the step on each of its channels."""
    step = occurrence.step
    found: list[tuple[Channel, Audience]] = []
    if step.mail is not None:
        found.append((Channel.MAIL, _by_mail(context, occurrence)))
    if step.slack is not None:
        found.append((Channel.SLACK, colleagues(step, context.state)))
    return tuple(found)


def _by_mail(context: TouchpointContext, occurrence: Occurrence) -> Audience:
    step = occurrence.step
    if step.due.anchor == ANCHOR:
        return one_who_decides(context.readers(step), context.case)
    if step.due.anchor != JOINED:
        return context.readers(step) if step.calendar is None else invited(context, occurrence)
    newcomer = who_joined(context, step, occurrence.number)
    if newcomer is not None and newcomer.namesake:
        return _may_be_known(newcomer)
    one = {newcomer.person.id: (newcomer.person, newcomer.role.value)} if newcomer else {}
    found = audience_among(one, step, context.case, context.state, "")
    return found if found.to else replace(found, because="; ".join(f"{p.name} {p.because}" for p in found.left_out))


def _may_be_known(newcomer: Newcomer) -> Audience:
    """Return the audience of a mail to one who may have been here before: nobody, the owner decides."""
    person, role = newcomer.person, newcomer.role.value
    why = "has the name of somebody who was here before with another address; the owner decides whether to write"
    alone = LeftOut(id=person.id, name=person.name, role=role, reason="namesake", because=why)
    return Audience(left_out=(alone,), because=f"{person.name} {why}")


def assess(context: TouchpointContext, occurrence: Occurrence) -> Candidate:
    """Return the candidate for an occurrence that is not settled, without regard to the gate and the concerns."""
    step, now = occurrence.step, context.now
    spoken_to = audiences(context, occurrence)
    deliveries = tuple(
        Delivery(channel=channel, to=to, window=window(context, occurrence, to))
        for channel, audience in spoken_to
        for to in audience.to
    )
    left_out = tuple(person for _, audience in spoken_to for person in audience.left_out)
    withheld = tuple(
        Delivery(channel=Channel.MAIL, to=person.withheld, window=window(context, occurrence, person.withheld))
        for person in left_out
        # An unreadable contact delays no other recipient; a message to it alone is withheld.
        if person.withheld is not None and (deliveries or person.reason != "unreadable")
    )
    windows = [delivery.window for delivery in (deliveries or withheld)] or [_account_window(context, occurrence)]
    opens_at, expires_at = min(w.opens_at for w in windows), max(w.expires_at for w in windows)
    because = context.waits_for(step, Channel.MAIL if step.mail else Channel.SLACK) or ""
    if not deliveries and not withheld:
        because = because or "; ".join(audience.because for _, audience in spoken_to if audience.because)
    if now < opens_at <= expires_at:
        fate = Fate.AHEAD
    elif step.mode == "task":
        fate = Fate.READY
    elif not deliveries and {person.reason for person in left_out} & BY_PEOPLE in ({"opted_out"}, {"namesake"}):
        fate = Fate.FOR_A_PERSON
    elif because:
        fate = Fate.LATE if now > expires_at else Fate.WAITING
    else:
        fate = Fate.READY if any(in_time(context, delivery) for delivery in (deliveries or withheld)) else Fate.LATE
    return Candidate(
        occurrence=occurrence,
        deliveries=deliveries,
        left_out=left_out,
        opens_at=opens_at,
        expires_at=expires_at,
        fate=fate,
        withheld=withheld,
        because=because,
    )


def in_time(context: TouchpointContext, delivery: Delivery) -> bool:
    """Return whether the recipient's next working moment is inside the window."""
    to = delivery.to
    at = opening(context, to.zone, to.country, max(delivery.window.opens_at, context.now))
    return at <= delivery.window.expires_at


def _account_window(context: TouchpointContext, occurrence: Occurrence) -> Window:
    account = context.case.account
    any_recipient = Recipient(
        id="", name="", address="", role="", zone=account.zone or "UTC", country=account.country, because=""
    )
    return window(context, occurrence, any_recipient)
