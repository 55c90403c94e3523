"""One line of ``check``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, and whether a run can do with it."""

    what: str
    ok: bool
    said: str
    warning: bool = False
    """A run goes on all the same; a person should look at it."""


def in_one_line(error: Exception) -> str:
    """What an error says, without line breaks and secrets."""
    from config.settings.secret import without_secrets

    return without_secrets(" ".join(f"{error}".split())) or type(error).__name__
