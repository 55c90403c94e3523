"""What is to be done now with one occurrence of a step: wait, send, ask a person, or own up that it is too
late."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onboarding.model.vocabulary import Channel
from onboarding.people.audience import Audience, LeftOut, Recipient
from onboarding.people.recipients import colleagues
from onboarding.touchpoints.appointments import invited
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import Window, opening, window


class Fate(StrEnum):
    """What becomes of a candidate at the scene's moment."""

    AHEAD = "ahead"
    WAITING = "waiting"
    READY = "ready"
    FOR_A_PERSON = "for_a_person"
    """Its people want no automated mail: one of ours writes instead."""
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one person, with its window."""

    channel: Channel
    to: Recipient
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An occurrence with its people and their windows."""

    occurrence: Occurrence
    deliveries: tuple[Delivery, ...]
    left_out: tuple[LeftOut, ...]
    opens_at: datetime
    """When the first of its people could get it; in the account's own working time where there is nobody."""
    expires_at: datetime
    """After this moment nobody could get it in time any more."""
    fate: Fate
    withheld: tuple[Delivery, ...] = ()
    """Messages kept back from people who could end that with a word."""
    because: str = ""
    """What it waits for, or why nobody gets it, in words."""


def audiences(scene: TouchpointContext, occurrence: Occurrence) -> tuple[tuple[Channel, Audience], ...]:
    """Whom the step speaks to on each of its channels."""
    step = occurrence.step
    found: list[tuple[Channel, Audience]] = []
    if step.mail is not None:
        usual = scene.readers(step) if step.calendar is None else invited(scene, occurrence)
        found.append((Channel.MAIL, usual))
    if step.slack is not None:
        found.append((Channel.SLACK, colleagues(step, scene.standing)))
    return tuple(found)


def assess(scene: TouchpointContext, occurrence: Occurrence) -> Candidate:
    """Judge one occurrence that is not settled yet, gate and concerns left aside."""
    step, now = occurrence.step, scene.now
    spoken_to = audiences(scene, occurrence)
    deliveries = tuple(
        Delivery(channel=channel, to=to, window=window(scene, occurrence, to))
        for channel, audience in spoken_to
        for to in audience.to
    )
    left_out = tuple(person for _, audience in spoken_to for person in audience.left_out)
    withheld = tuple(
        Delivery(channel=Channel.MAIL, to=person.withheld, window=window(scene, occurrence, person.withheld))
        for person in left_out
        # Who cannot be read holds up nobody; alone, the whole message waits, and its end is the owner's to decide.
        if person.withheld is not None and (deliveries or person.reason != "unreadable")
    )
    windows = [delivery.window for delivery in (deliveries or withheld)] or [_account_window(scene, occurrence)]
    opens_at, expires_at = min(w.opens_at for w in windows), max(w.expires_at for w in windows)
    because = scene.waits_for(step, Channel.MAIL if step.mail else Channel.SLACK) or ""
    if not deliveries and not withheld:
        because = because or "; ".join(audience.because for _, audience in spoken_to if audience.because)
    if now < opens_at <= expires_at:
        fate = Fate.AHEAD
    elif step.mode == "task":
        fate = Fate.READY
    elif not deliveries and {person.reason for person in left_out} & {"opted_out", "unreadable"} == {"opted_out"}:
        fate = Fate.FOR_A_PERSON
    elif because:
        fate = Fate.LATE if now > expires_at else Fate.WAITING
    else:
        fate = Fate.READY if any(in_time(scene, delivery) for delivery in (deliveries or withheld)) else Fate.LATE
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


def in_time(scene: TouchpointContext, delivery: Delivery) -> bool:
    """Whether the next working moment of the recipient still lies inside the window."""
    to = delivery.to
    at = opening(scene, to.zone, to.country, max(delivery.window.opens_at, scene.now))
    return at <= delivery.window.expires_at


def _account_window(scene: TouchpointContext, occurrence: Occurrence) -> Window:
    account = scene.case.account
    nobody = Recipient(
        id="", name="", address="", role="", zone=account.zone or "UTC", country=account.country, because=""
    )
    return window(scene, occurrence, nobody)
