"""A mail as bytes (RFC 5322): text and HTML, headers that no name from outside can break out of.

The same payload gives the same bytes, so that a retry is the same mail, and a simulation can be compared.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from typing import Any

from onboarding.identity import header_text, mail_address

SUBJECT_LENGTH = 180
EFFECT_HEADER = "X-First90-Effect"
_HEADERS = frozenset(
    {
        "subject",
        "from",
        "to",
        "reply-to",
        "date",
        "message-id",
        "auto-submitted",
        "list-unsubscribe",
        EFFECT_HEADER.lower(),
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
)


class PayloadError(Exception):
    """A mail that can never be built. The message names the field and no address."""


def build(payload: Mapping[str, Any]) -> bytes:
    """The whole message, lines ended by CRLF.

    Keys: ``key`` (the effect's), ``to``, ``sender``, ``subject``, ``text``, ``date`` (ISO 8601, aware); and
    optionally ``html``, ``to_name``, ``sender_name``, ``reply_to``, ``reply_to_name``, ``purpose``
    (``promotional`` adds a List-Unsubscribe to the sender), ``redirect_for`` (whom a redirected mail was
    for; it stands before the subject). Raises PayloadError.
    """
    names = {field: header_text(str(payload.get(f"{field}_name") or "")) for field in ("to", "sender", "reply_to")}
    message = _compose(payload, names)
    content = message.as_bytes(policy=policy.SMTP)
    if not _reads_back(content, payload):
        # A name that this Python's header folding gets wrong: the bare addresses are always right.
        content = _compose(payload, {}).as_bytes(policy=policy.SMTP)
        if not _reads_back(content, payload):
            raise PayloadError("subject: cannot be written as a mail header")
    return content


def message_id(key: str, sender: str) -> str:
    """The one Message-ID of an effect, whenever it is built: receivers drop a repeat by it."""
    digest = hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest()[:32]
    return f"<{digest}@{sender.rpartition('@')[2]}>"


def _compose(payload: Mapping[str, Any], names: Mapping[str, str]) -> EmailMessage:
    key, sender = _text(payload, "key"), _address(payload, "sender")
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = _subject(payload)
    message["From"] = _addressed(sender, names.get("sender"))
    message["To"] = _addressed(_address(payload, "to"), names.get("to"))
    if payload.get("reply_to"):
        message["Reply-To"] = _addressed(_address(payload, "reply_to"), names.get("reply_to"))
    message["Date"] = format_datetime(_date(payload))
    message["Message-ID"] = message_id(key, sender)
    message["Auto-Submitted"] = "auto-generated"
    message[EFFECT_HEADER] = header_text(key, most=500)
    if payload.get("purpose") == "promotional":
        message["List-Unsubscribe"] = f"<mailto:{sender}?subject=unsubscribe>"
    message.set_content(_body(payload, "text"), cte="quoted-printable")
    if payload.get("html"):
        message.add_alternative(_body(payload, "html"), subtype="html", cte="quoted-printable")
        # Made from the key, because a random one would make every build another mail.
        message.set_boundary("first90-" + hashlib.sha256(f"{key} boundary".encode()).hexdigest()[:32])
    return message


def _reads_back(content: bytes, payload: Mapping[str, Any]) -> bool:
    """Whether a mail reader sees the headers we meant, each once, and the one recipient (the header rule)."""
    wanted = {"To": "to", "From": "sender"} | ({"Reply-To": "reply_to"} if payload.get("reply_to") else {})
    message = BytesParser(policy=policy.default).parsebytes(content.partition(b"\r\n\r\n")[0], headersonly=True)
    headers = [name.lower() for name in message]
    if len(headers) != len(set(headers)) or not _HEADERS.issuperset(headers):
        return False
    try:
        read = {header: message[header] for header in wanted}
    except Exception:
        # Not only our folding but the parser of Python 3.11 has faults: it fails with AttributeError and
        # others on names that it has written itself. Whatever it is, that name is not safe to send.
        return False
    return all(
        [address.addr_spec for address in read[header].addresses] == [_address(payload, field)]
        and not read[header].defects
        for header, field in wanted.items()
    )


def _addressed(address: str, name: str | None) -> str | Address:
    return Address(display_name=name, addr_spec=address) if name else Address(addr_spec=address)


def _subject(payload: Mapping[str, Any]) -> str:
    subject = _text(payload, "subject")
    if payload.get("redirect_for"):
        subject = f"[for {payload['redirect_for']}] {subject}"
    return header_text(subject, most=SUBJECT_LENGTH)


def _text(payload: Mapping[str, Any], field: str) -> str:
    value = payload.get(field)
    if not isinstance(value, str) or not value.strip():
        raise PayloadError(f"{field}: is missing")
    return value


def _address(payload: Mapping[str, Any], field: str) -> str:
    try:
        return mail_address(_text(payload, field))
    except ValueError as error:
        raise PayloadError(f"{field}: {error}") from None


def _date(payload: Mapping[str, Any]) -> datetime:
    try:
        date = datetime.fromisoformat(_text(payload, "date"))
    except ValueError:
        raise PayloadError("date: is no ISO 8601 instant") from None
    if date.tzinfo is None:
        raise PayloadError("date: has no zone")
    return date.replace(microsecond=0)


def _body(payload: Mapping[str, Any], field: str) -> str:
    text = _text(payload, field).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", errors="replace").decode("utf-8")
