"""A text that is never shown by accident. Pydantic has one like it, but loads for too long for ``first90 status``."""

import re
from dataclasses import dataclass, field

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s'\"<>]+)")
_NAMED = re.compile(r"(?i)\b(\w*(?:password|passwd|pwd|token|secret|api_?key))(\s*=\s*['\"]?)[^\s&'\",;)]+")
_EXAMPLES = ("user", "user:password")
"""What our own advice says in place of a login."""


@dataclass(frozen=True, slots=True)
class SecretStr:
    """A secret in settings: its repr and text are stars, so that no log, error or traceback shows it."""

    _value: str = field(repr=False)

    def get_secret_value(self) -> str:
        """The secret itself, for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "SecretStr('**********')"

    def __str__(self) -> str:
        return "**********"


def without_secrets(text: str) -> str:
    """Somebody else's words, as of a driver's error, without what may be a password: what stands in an address before
    its host or in its query, and what is named as one."""
    return _NAMED.sub(r"\1\2***", _ADDRESS.sub(_bare, text))


def _bare(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    login, at, place = rest.rpartition("@")
    place, mark, _query = place.partition("?")
    hidden = login if login in _EXAMPLES else "***" if at else ""
    return f"{scheme}{hidden}{at}{place}{'?***' if mark else ''}"
