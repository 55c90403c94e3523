"""Paths and web addresses as settings give them; each reader raises ValueError with the mend."""

from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def read_web_address(text: str) -> str:
    """An ``https://`` address (``http://`` on this machine alone), without a slash at its end."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no web address; give one like https://onboarding.example.com") from None
    if not host or parts.scheme not in ("https", "http"):
        raise ValueError("is no web address; give one like https://onboarding.example.com")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("would travel unprotected; use https:// (http:// is for this machine only)")
    return text.rstrip("/")


def local_path(text: str, scheme: str, base: Path) -> Path | None:
    """The path behind ``scheme:``, or None where the text is nothing of that kind."""
    given, colon, rest = text.partition(":")
    if not colon or given.casefold() != scheme or not rest.strip():
        return None
    return (base / Path(rest.strip()).expanduser()).resolve()
