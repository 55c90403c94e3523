"""TLS trust: the system's certificate authorities, and those that the environment names."""

import os
import ssl
from functools import cache


def trust() -> ssl.SSLContext:
    """Return the context; certificates and host names are always checked. ``SSL_CERT_FILE`` replaces the system's
    authorities, ``REQUESTS_CA_BUNDLE`` adds to them. Raise OSError if such a file cannot be read."""
    return _context(os.environ.get("SSL_CERT_FILE"), os.environ.get("REQUESTS_CA_BUNDLE"))


@cache
def _context(instead: str | None, besides: str | None) -> ssl.SSLContext:
    # Cached, because reading the authorities takes longer than sending a mail.
    context = ssl.create_default_context(cafile=instead) if instead or _system_has_some() else _bundled()
    if besides:
        context.load_verify_locations(besides)
    return context


def _system_has_some() -> bool:
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and os.listdir(paths.capath)))


def _bundled() -> ssl.SSLContext:
    """Return a context with httpx's authorities, for a bare container without its own."""
    import httpx

    return httpx.create_ssl_context()
