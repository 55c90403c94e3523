"""The content of a mail from its frozen payload: cleaned and checked, the same for SMTP and for HTTP providers.

A pure function of the payload, so that a retry is the same mail to the byte.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from integrations.mail.headers import mailbox
from integrations.mail.invitation import Invitation, read_invitation
from onboarding.model.identity import header_text, mail_address

SUBJECT_LENGTH = 180
EFFECT_HEADER = "X-First90-Effect"
LONGEST_URL = 900
"""A URL has to fit into one line of a header, which has at most 998 characters."""


class PayloadError(Exception):
    """A mail that can never be built. The message names the field and no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """An address with an optional display name."""

    name: str
    address: str

    def __str__(self) -> str:
        return mailbox(self.name, self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail before it becomes MIME or JSON. All values are safe in their places without quoting."""

    key: str
    to: Mailbox
    sender: Mailbox
    reply_to: Mailbox | None
    subject: str
    text: str
    html: str | None
    date: datetime
    message_id: str
    headers: Mapping[str, str]
    """Further headers, ASCII and on one line each."""
    invitation: Invitation | None


def read_letter(payload: Mapping[str, Any]) -> Letter:
    """Return the mail of a payload.

    Keys: ``key`` (the effect's), ``to``, ``sender``, ``subject``, ``text``, ``date`` (ISO 8601, aware); and
    optionally ``html``, ``to_name``, ``sender_name``, ``reply_to``, ``reply_to_name``, ``purpose`` (``promotional``
    adds how to unsubscribe), ``unsubscribe_url`` (https, for one click; without it by mail), ``redirect_for`` (the
    intended recipient of a redirected mail, put before the subject), ``calendar`` (see
    ``integrations.mail.invitation``). Raise PayloadError.
    """
    key = _text(payload, "key")
    to, sender = _mailbox(payload, "to"), _mailbox(payload, "sender")
    reply_to = _mailbox(payload, "reply_to") if payload.get("reply_to") else None
    date, subject = _date(payload), _subject(payload)
    try:
        invitation = read_invitation(payload.get("calendar"))
    except ValueError as error:
        raise PayloadError(f"calendar: {error}") from None
    return Letter(
        key=key,
        to=to,
        sender=sender,
        reply_to=reply_to,
        subject=subject,
        text=_body(payload, "text"),
        html=_body(payload, "html") if payload.get("html") else None,
        date=date,
        message_id=message_id(key, sender.address),
        headers={
            "Auto-Submitted": "auto-generated",
            EFFECT_HEADER: header_text(key.encode("ascii", "replace").decode(), most=500),
            **_unsubscribe(payload, (reply_to or sender).address),
        },
        invitation=invitation,
    )


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID of an effect, the same in every build: receivers recognise a repeat by it."""
    return f"<{digest(key)}@{sender.rpartition('@')[2]}>"


def digest(key: str) -> str:
    """Return a short digest of an effect's key, for fields with a length limit."""
    return hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest()[:32]


def _unsubscribe(payload: Mapping[str, Any], asked: str) -> dict[str, str]:
    """Return the headers for unsubscribing: by one click (RFC 8058) if there is a URL, else by mail.

    A redirected mail offers it by mail only, so that a rehearsal cannot unsubscribe the intended recipient.
    """
    if payload.get("purpose") != "promotional":
        return {}
    by_mail = f"<mailto:{asked}?subject=unsubscribe>"
    url = str(payload.get("unsubscribe_url") or "")
    if not url or payload.get("redirect_for"):
        return {"List-Unsubscribe": by_mail}
    if not _is_web_address(url):
        raise PayloadError("unsubscribe_url: is no https address that can stand in a header")
    return {"List-Unsubscribe": f"<{url}>, {by_mail}", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        fits = bool(parts.hostname) and parts.scheme in ("https", "http")
    except ValueError:
        return False
    return fits and len(url) <= LONGEST_URL and url.isascii() and url.isprintable() and not set(url) & set('<> "')


def _subject(payload: Mapping[str, Any]) -> str:
    subject = _text(payload, "subject")
    if payload.get("redirect_for"):
        subject = f"[for {payload['redirect_for']}] {subject}"
    cleaned = header_text(subject, most=SUBJECT_LENGTH)
    if not cleaned:
        raise PayloadError("subject: is missing")
    return cleaned


def _mailbox(payload: Mapping[str, Any], field: str) -> Mailbox:
    try:
        address = mail_address(_text(payload, field))
    except ValueError as error:
        raise PayloadError(f"{field}: {error}") from None
    return Mailbox(name=header_text(str(payload.get(f"{field}_name") or "")), address=address)


def _text(payload: Mapping[str, Any], field: str) -> str:
    value = payload.get(field)
    if not isinstance(value, str) or not value.strip():
        raise PayloadError(f"{field}: is missing")
    return value


def _date(payload: Mapping[str, Any]) -> datetime:
    try:
        date = datetime.fromisoformat(_text(payload, "date"))
    except ValueError:
        raise PayloadError("date: is no ISO 8601 instant") from None
    if date.tzinfo is None:
        raise PayloadError("date: has no zone")
    return date.replace(microsecond=0)


def _body(payload: Mapping[str, Any], field: str) -> str:
    """Return a body with line feeds only, without characters that UTF-8 cannot encode."""
    text = _text(payload, field).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", errors="replace").decode("utf-8")
