"""A mail as bytes (RFC 5322): text and HTML, an invitation if there is one, and headers safe from injection.

The same payload gives the same bytes, so that a retry is the same mail and simulations can be compared.
"""

import binascii
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import Any

from integrations.mail.headers import line, text
from integrations.mail.ics import FILE_NAME, as_ics
from integrations.mail.parts import EFFECT_HEADER, Letter, PayloadError, digest, message_id, read_letter

__all__ = ["EFFECT_HEADER", "PayloadError", "build", "message_id", "mime"]


def build(payload: Mapping[str, Any]) -> bytes:
    """Return the whole message with CRLF line ends. For the payload see ``read_letter``; raise PayloadError."""
    return mime(read_letter(payload))


def mime(letter: Letter) -> bytes:
    """Return the message of a parsed mail."""
    headers = {
        "Subject": text(letter.subject),
        "From": str(letter.sender),
        "To": str(letter.to),
        **({"Reply-To": str(letter.reply_to)} if letter.reply_to else {}),
        "Date": format_datetime(letter.date),
        "Message-ID": letter.message_id,
        **letter.headers,
        "MIME-Version": "1.0",
    }
    try:
        head = b"".join(line(header, value) for header, value in headers.items())
    except ValueError as error:
        raise PayloadError(str(error)) from None
    return head + _content(letter)


def _content(letter: Letter) -> bytes:
    """Return the body: plain text first, then richer alternatives. An invitation is both an alternative, for mail
    programs with a calendar, and an attachment, for those that open files only."""
    forms = [_words("text/plain", letter.text)]
    if letter.html is not None:
        forms.append(_words("text/html", letter.html))
    if letter.invitation is None:
        return _joined("alternative", forms, f"{letter.key} boundary")
    calendar = as_ics(letter, letter.invitation)
    kind = f'text/calendar; charset="utf-8"; method={letter.invitation.method}'
    forms.append(_part(kind, "base64", encodebytes(calendar).replace(b"\n", b"\r\n")))
    file = _part(
        f'application/ics; name="{FILE_NAME}"',
        "base64",
        encodebytes(calendar).replace(b"\n", b"\r\n"),
        {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'},
    )
    both = [_joined("alternative", forms, f"{letter.key} boundary"), file]
    return _joined("mixed", both, f"{letter.key} outer boundary")


def _words(kind: str, body: str) -> bytes:
    """Return a text part: quoted-printable, so that no line is too long and none begins with a single dot."""
    lines = body if body.endswith("\n") else body + "\n"
    content = binascii.b2a_qp(lines.encode("utf-8"), quotetabs=False, istext=True, header=False)
    return _part(f'{kind}; charset="utf-8"', "quoted-printable", content.replace(b"\n", b"\r\n"))


def _part(kind: str, encoding: str, content: bytes, more: Mapping[str, str] | None = None) -> bytes:
    headers = {"Content-Type": kind, "Content-Transfer-Encoding": encoding, **(more or {})}
    return b"".join(line(header, value) for header, value in headers.items()) + b"\r\n" + content


def _joined(kind: str, parts: Sequence[bytes], seed: str) -> bytes:
    if len(parts) == 1:
        return parts[0]
    # Derived from the key, because a random boundary would change the bytes; its underscore never occurs in
    # quoted-printable or base64 content.
    boundary = f"=_first90_{digest(seed)}"
    head = line("Content-Type", f'multipart/{kind}; boundary="{boundary}"') + b"\r\n"
    between = boundary.encode()
    return head + b"".join(b"--%b\r\n%b\r\n" % (between, part) for part in parts) + b"--%b--\r\n" % between
