"""A text that is never shown by accident. Pydantic has one like it, but loads for too long for ``first90 status``."""

from dataclasses import dataclass, field


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
