"""A calendar invitation (RFC 5545, RFC 5546): request, change and cancellation of one meeting under one UID."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from onboarding.model.identity import header_text

if TYPE_CHECKING:
    from integrations.mail.parts import Letter

PRODUCT = "-//first90//onboarding//EN"
FILE_NAME = "invite.ics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One version of a meeting. A higher ``sequence`` replaces what a calendar holds under the same ``uid``."""

    method: Literal["REQUEST", "CANCEL"]
    uid: str
    sequence: int
    starts_at: datetime
    """UTC."""
    minutes: int
    summary: str


def read_invitation(given: Mapping[str, Any] | None) -> Invitation | None:
    """The ``calendar`` of a mail's payload: ``method``, ``uid``, ``sequence``, ``starts_at`` (ISO 8601, aware),
    ``minutes``, ``summary``. None where the mail carries none; raises ValueError with what is wrong."""
    if not given:
        return None
    method, uid = given.get("method"), str(given.get("uid") or "")
    summary = header_text(str(given.get("summary") or ""))
    if method not in ("REQUEST", "CANCEL"):
        raise ValueError("its method is neither REQUEST nor CANCEL")
    if not uid or not uid.isascii() or not uid.isprintable() or not summary:
        raise ValueError("its uid or summary is missing")
    try:
        starts_at = datetime.fromisoformat(str(given.get("starts_at")))
        sequence, minutes = int(given.get("sequence", 0)), int(given.get("minutes", 0))
    except ValueError:
        raise ValueError("its time or sequence cannot be read") from None
    if starts_at.tzinfo is None or sequence < 0 or not 1 <= minutes <= 24 * 60:
        raise ValueError("its time or sequence is none")
    return Invitation(
        method=method,
        uid=uid,
        sequence=sequence,
        starts_at=starts_at.astimezone(UTC),
        minutes=minutes,
        summary=summary,
    )


def as_ics(letter: "Letter", invitation: Invitation) -> bytes:
    """The invitation as a file: from whom replies go to, for whom the mail is to, as of the mail's own date.

    Answers to it go to the organizer, who is a person of ours. Lines end with CRLF and are folded at 75 octets.
    """
    # Here and not above: most mails carry none, and the library takes a tenth of a second to load.
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


def as_base64(letter: "Letter", invitation: Invitation) -> str:
    """The same, as it stands in JSON."""
    return b64encode(as_ics(letter, invitation)).decode("ascii")
