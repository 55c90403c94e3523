"""Secrets in settings. pydantic's SecretStr is not used, because its import would slow ``first90 status``."""

import re
from dataclasses import dataclass, field

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s'\"<>]+)")
_NAMED = re.compile(r"(?i)\b(\w*(?:password|passwd|pwd|token|secret|api_?key))(\s*=\s*['\"]?)[^\s&'\",;)]+")
_EXAMPLES = ("user", "user:password")
"""Placeholders for a login in first90's own advice."""


@dataclass(frozen=True, slots=True)
class SecretStr:
    """A secret: its repr and str are stars, so that no log, error or traceback shows it."""

    _value: str = field(repr=False)

    def get_secret_value(self) -> str:
        """Return the secret, for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "SecretStr('**********')"

    def __str__(self) -> str:
        return "**********"


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
