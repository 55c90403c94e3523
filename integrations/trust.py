"""Whom we trust with TLS: the system's authorities, or those of a file that the environment names."""

import os
import ssl
from functools import cache


def trust() -> ssl.SSLContext:
    """Certificates and host names are checked, always. ``SSL_CERT_FILE`` or ``REQUESTS_CA_BUNDLE`` name another file
    of authorities; it takes the place of the system's. Raises OSError where that file cannot be read."""
    return _context(os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or None)


@cache
def _context(authorities: str | None) -> ssl.SSLContext:
    # Kept, because reading the authorities takes longer than sending a mail.
    return ssl.create_default_context(cafile=authorities)
