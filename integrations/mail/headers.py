"""Mail header fields (RFC 5322, RFC 2047): plain ASCII, folded, and checked by parsing.

Not by the standard library: Python 3.11 adds headers for some subjects and drops the quotes of some names
(CVE-2024-6923), and its folding takes half of the time of a mail.
"""

from base64 import b64encode
from email import policy
from functools import lru_cache

LONGEST = 76
"""Where a header line is folded at the next blank; RFC 5322 recommends 78, and allows at most 998."""
_WORD = 45
"""Bytes in one encoded word, which may have 75 characters."""


@lru_cache(maxsize=4096)
def mailbox(name: str, address: str) -> str:
    """Return ``Name <address>`` as a header value; the bare address if parsing would not give exactly these two.

    ``address`` has passed ``mail_address``, ``name`` ``header_text``. The value is parsed once to check that every
    mail program sees a single address, and cached.
    """
    if not name:
        return address
    value = f"{_phrase(name)} <{address}>"
    return value if _reads_as(value, name, address) else address


def text(value: str) -> str:
    """Return an unstructured header value, such as a subject; ``value`` has passed ``header_text``."""
    return value if value.isascii() else encoded(value)


def encoded(value: str) -> str:
    """Return a text as encoded words, which cannot be taken for other syntax."""
    words: list[bytes] = [b""]
    for char in value:
        letter = char.encode("utf-8", errors="replace")
        if len(words[-1]) + len(letter) > _WORD:
            words.append(b"")
        words[-1] += letter
    return " ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def line(header: str, value: str) -> bytes:
    """Return one header with its line end, folded at blanks. Raise ValueError for what cannot be in a header."""
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{header}: holds something that no header can")
    rows: list[str] = []
    row = f"{header}:"
    for word in value.split(" "):
        if len(row) + 1 + len(word) > LONGEST and row != f"{header}:":
            rows.append(row)
            row = ""
        row += f" {word}"
    return "\r\n".join([*rows, row]).encode("ascii") + b"\r\n"


def _phrase(name: str) -> str:
    if not name.isascii():
        return encoded(name)
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _reads_as(value: str, name: str, address: str) -> bool:
    try:
        read = policy.default.header_factory("To", value)
        found = [(one.display_name, one.addr_spec) for one in read.addresses]
        return found == [(name, address)] and not read.defects
    except Exception:
        # The parser of Python 3.11 fails with AttributeError and others on some names. A name that one parser cannot
        # read is left out.
        return False
