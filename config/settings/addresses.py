"""Paths and URLs in settings; each reader raises ValueError with the remedy, and never repeats a secret.

A password may be anywhere in a URL: before the host, in the query, or, if it has a ``/`` or ``@`` that is not escaped
as ``%2F`` or ``%40``, where a parser sees a host, a port or a path.
"""

import re
from ipaddress import IPv6Address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EXAMPLE = "give one like https://onboarding.example.com"
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?")


def read_web_address(text: str) -> str:
    """Return an ``https://`` URL (``http://`` for this machine only) without a slash at its end. It is shown to people,
    so it must not contain a login or a query."""
    parts = _web(text)
    if "@" in parts.netloc or parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError(f"holds a login, a query or a fragment, which do not belong there; {EXAMPLE}")
    return text.rstrip("/")


def check_secret_web_address(text: str) -> None:
    """Check a URL that may contain a login or a token and is never shown. Raise ValueError."""
    _web(text)


def split(text: str) -> SplitResult:
    """Return the parts of a URL with an unambiguous host and port. Raise ValueError."""
    parts = urlsplit(text)
    host, _port = parts.hostname or "", parts.port
    if (
        parts.netloc.endswith(":")
        or re.search(r"[\s\\\x00-\x1f\x7f]|:@", text)
        or "@" in f"{parts.path}{parts.query}{parts.fragment}"
    ):
        raise ValueError("characters that have to be written as %40 and the like")
    if ":" in host:
        IPv6Address(host)
    elif not _NAME.fullmatch(host.encode("idna").decode("ascii")):
        raise ValueError("no name of a host")
    return parts


def shown(text: str) -> str:
    """Return a URL for people: only scheme, host, port and path. Raise ValueError."""
    parts = split(text)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def repeated(text: str) -> str:
    """Return the given text for an error message if it is a single plain word; "" otherwise, as it may contain a
    secret."""
    return f"{text!r} " if text.isalpha() and len(text) <= 20 else ""


def _web(text: str) -> SplitResult:
    try:
        parts = split(text)
    except ValueError:  # of which UnicodeError is one
        parts = None
    if parts is None or parts.scheme not in ("https", "http"):
        raise ValueError(f"is no web address; {EXAMPLE}, special characters of a login or a query as %40 and the like")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("would travel unprotected; use https:// (http:// is for this machine only)")
    return parts


def local_path(text: str, scheme: str, base: Path) -> Path | None:
    """Return the path after ``scheme:``, or None if the text has another form."""
    given, colon, rest = text.partition(":")
    if not colon or given.casefold() != scheme or not rest.strip() or "://" in rest:
        return None
    return absolute(rest.strip(), base)


def absolute(text: str, base: Path) -> Path:
    """Return a path relative to ``base``. Raise ValueError for a URL, which may contain a password."""
    if "://" in text:
        raise ValueError("is an address; give a path on this machine")
    return (base / Path(text).expanduser()).resolve()
