"""Calendar invitations as files: request, change and cancellation of a meeting under one UID (RFC 5545, 5546)."""

from base64 import b64encode
from datetime import UTC, timedelta

from integrations.mail.parts import Letter
from onboarding.effects.invitation import Invitation

PRODUCT = "-//first90//onboarding//EN"
FILE_NAME = "invite.ics"


def as_ics(letter: Letter, invitation: Invitation) -> bytes:
    """Return the invitation as a file: organizer is the reply-to address, attendee the recipient, stamp the mail's
    date.

    Replies to it go to the organizer, a person of the vendor. Lines end with CRLF and are folded at 75 octets.
    """
    # Imported here, because most mails have no invitation and the library takes a tenth of a second to load.
    from icalendar import Calendar, Event, vCalAddress

    def person(name: str, address: str, **more: str) -> vCalAddress:
        who = vCalAddress(f"mailto:{address}")
        # A parameter cannot hold a double quote.
        for parameter, value in {"CN": name.replace('"', "'"), **more}.items():
            if value:
                who.params[parameter] = value
        return who

    cancelled = invitation.method == "CANCEL"
    organizer = letter.reply_to or letter.sender
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", letter.date.astimezone(UTC))
    event.add("dtstart", invitation.starts_at)
    event.add("dtend", invitation.starts_at + timedelta(minutes=invitation.minutes))
    event.add("summary", invitation.summary)
    event.add("description", letter.text.strip())
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("organizer", person(organizer.name, organizer.address))
    answer = {} if cancelled else {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    event.add("attendee", person(letter.to.name, letter.to.address, ROLE="REQ-PARTICIPANT", **answer), encode=False)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def as_base64(letter: Letter, invitation: Invitation) -> str:
    """Return the invitation in base64, for JSON."""
    return b64encode(as_ics(letter, invitation)).decode("ascii")
