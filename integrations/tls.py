"""Whom we trust with TLS: the system's authorities, and those that the environment names."""

import os
import ssl
from functools import cache


def trust() -> ssl.SSLContext:
    """Certificates and host names are checked, always. ``SSL_CERT_FILE`` takes the place of the system's authorities,
    ``REQUESTS_CA_BUNDLE`` adds to them. Raises OSError where such a file cannot be read."""
    return _context(os.environ.get("SSL_CERT_FILE"), os.environ.get("REQUESTS_CA_BUNDLE"))


@cache
def _context(instead: str | None, besides: str | None) -> ssl.SSLContext:
    # Kept, because reading the authorities takes longer than sending a mail.
    context = ssl.create_default_context(cafile=instead) if instead or _system_has_some() else _bundled()
    if besides:
        context.load_verify_locations(besides)
    return context


def _system_has_some() -> bool:
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and os.listdir(paths.capath)))


def _bundled() -> ssl.SSLContext:
    """A bare container has no authorities of its own: those that httpx brings along."""
    import httpx

    return httpx.create_ssl_context()
