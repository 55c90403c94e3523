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
from onboarding.effects.invitation import Invitation
from onboarding.effects.payloads import MailPayload, read_mail
from onboarding.model.identity import header_text, mail_address
from onboarding.model.message_policy import Purpose

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A mail of plain text to our own people, whose text another program may fill in."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str


def read_letter(payload: Mapping[str, Any]) -> Letter:
    """Return the mail of a stored payload (``onboarding.effects.payloads``). Raise PayloadError."""
    try:
        mail = read_mail(payload)
    except ValueError as error:
        raise PayloadError(str(error)) from None
    to, sender = _mailbox("to", mail.to, mail.to_name), _mailbox("sender", mail.sender, mail.sender_name)
    reply_to = _mailbox("reply_to", mail.reply_to, mail.reply_to_name) if mail.reply_to else None
    return Letter(
        key=mail.key,
        to=to,
        sender=sender,
        reply_to=reply_to,
        subject=_subject(mail),
        text=_body(mail.text),
        html=_body(mail.html) if mail.html else None,
        date=mail.date.replace(microsecond=0),
        message_id=message_id(mail.key, sender.address),
        headers={
            "Auto-Submitted": "auto-generated",
            EFFECT_HEADER: header_text(mail.key.encode("ascii", "replace").decode(), most=500),
            **_unsubscribe(mail, (reply_to or sender).address),
        },
        invitation=mail.calendar,
    )


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID of an effect, the same in every build: receivers recognise a repeat by it."""
    return f"<{digest(key)}@{sender.rpartition('@')[2]}>"


def digest(key: str) -> str:
    """Return a short digest of an effect's key, for fields with a length limit."""
    return hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest()[:32]


def _unsubscribe(mail: MailPayload, asked: str) -> dict[str, str]:
    """Return the headers for unsubscribing: by one click (RFC 8058) if there is a URL, else by mail.

    A redirected mail offers it by mail only, so that a rehearsal cannot unsubscribe the intended recipient.
    """
    if mail.purpose is not Purpose.PROMOTIONAL:
        return {}
    by_mail = f"<mailto:{asked}?subject=unsubscribe>"
    url = mail.unsubscribe_url
    if not url or mail.redirect_for:
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


def _subject(mail: MailPayload) -> str:
    subject = f"[for {mail.redirect_for}] {mail.subject}" if mail.redirect_for else mail.subject
    cleaned = header_text(subject, most=SUBJECT_LENGTH)
    if not cleaned:
        raise PayloadError("subject: is missing")
    return cleaned


def _mailbox(field: str, address: str, name: str) -> Mailbox:
    try:
        return Mailbox(name=header_text(name), address=mail_address(address))
    except ValueError as error:
        raise PayloadError(f"{field}: {error}") from None


def _body(text: str) -> str:
    """Return a body with line feeds only, without characters that UTF-8 cannot encode."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", errors="replace").decode("utf-8")
