"""A finding: one line of ``check``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was checked, and whether a run can work with it."""

    what: str
    ok: bool
    said: str
    warning: bool = False
    """A run works all the same; a person should look at it."""


def in_one_line(error: Exception) -> str:
    """Return an error's text without line breaks and secrets."""
    from config.settings.redaction import without_secrets

    return without_secrets(" ".join(f"{error}".split())) or type(error).__name__
