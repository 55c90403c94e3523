"""Takes what may be a secret out of texts that others wrote."""

import re

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s'\"<>]+)")
_NAMED = re.compile(r"(?i)\b(\w*(?:password|passwd|pwd|token|secret|api_?key))(\s*=\s*['\"]?)[^\s&'\",;)]+")
_EXAMPLES = ("user", "user:password")
"""Placeholders for a login in first90's own advice."""


def without_secrets(text: str) -> str:
    """Return a foreign text, such as a driver's error, without possible passwords: logins and queries of URLs, and
    values named as secrets."""
    return _NAMED.sub(r"\1\2***", _ADDRESS.sub(_bare, text))


def _bare(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    login, at, place = rest.rpartition("@")
    place, mark, _query = place.partition("?")
    hidden = login if login in _EXAMPLES else "***" if at else ""
    return f"{scheme}{hidden}{at}{place}{'?***' if mark else ''}"
