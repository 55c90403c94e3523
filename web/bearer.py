"""The bearer token of a request, compared in constant time."""

import hmac
from collections.abc import Iterable


def has_token(headers: Iterable[tuple[bytes, bytes]], token: str) -> bool:
    """Return whether the request's only ``Authorization`` header is ``Bearer`` and this token."""
    given = [value for name, value in headers if name == b"authorization"]
    kind, _, found = (given[0] if len(given) == 1 else b"").partition(b" ")
    return kind.lower() == b"bearer" and hmac.compare_digest(found.strip(), token.encode())
