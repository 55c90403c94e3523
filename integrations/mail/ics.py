"""Calendar invitations as files: request, change and cancellation of a meeting under one UID (RFC 5545, 5546)."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from integrations.mail.parts import Letter
from onboarding.effects.invitation import Invitation

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

PRODUCT = "-//first90//onboarding//EN"
FILE_NAME = "invite.ics"


def as_ics(letter: Letter, invitation: Invitation) -> bytes:
    """Return the invitation as a file: organizer is the reply-to address, attendee the recipient, stamp the mail's
    date.

    Replies to it go to the organizer, a person of the vendor. Lines end with CRLF and are folded at 75 octets.
    """
    organizer = letter.reply_to or letter.sender
    event = _event(invitation, (organizer.name, organizer.address), letter.date)
    event.add("description", letter.text.strip())
    event.add("status", "CANCELLED" if invitation.method == "CANCEL" else "CONFIRMED")
    answer = {} if invitation.method == "CANCEL" else {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    attendee = _person(letter.to.name, letter.to.address, ROLE="REQ-PARTICIPANT", **answer)
    event.add("attendee", attendee, encode=False)
    return _file(invitation, event)


def published(invitation: Invitation, organizer: tuple[str, str] | None, stamp: datetime) -> bytes:
    """Return a call as a file to download, without an attendee; ``organizer`` is a name and an address."""
    event = _event(invitation, organizer, stamp)
    event.add("status", "CONFIRMED")
    return _file(invitation, event)


# The library is imported in the functions: most mails have no invitation, and it takes a tenth of a second to load.


def _event(invitation: Invitation, organizer: tuple[str, str] | None, stamp: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", invitation.starts_at)
    event.add("dtend", invitation.starts_at + timedelta(minutes=invitation.minutes))
    event.add("summary", invitation.summary)
    if invitation.location:
        event.add("location", invitation.location)
    if organizer is not None:
        event.add("organizer", _person(*organizer))
    return event


def _person(name: str, address: str, **more: str) -> "vCalAddress":
    from icalendar import vCalAddress

    who = vCalAddress(f"mailto:{address}")
    # A parameter cannot hold a double quote.
    for parameter, value in {"CN": name.replace('"', "'"), **more}.items():
        if value:
            who.params[parameter] = value
    return who


def _file(invitation: Invitation, event: "Event") -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def as_base64(letter: Letter, invitation: Invitation) -> str:
    """Return the invitation in base64, for JSON."""
    return b64encode(as_ics(letter, invitation)).decode("ascii")
