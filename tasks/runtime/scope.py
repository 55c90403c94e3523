"""Whom a run is about, and who asked for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """``accounts`` are CRM account ids (18 characters); None means every account."""

    accounts: frozenset[str] | None = None
    by: str = "first90"
    reason: str = ""


EVERYBODY = Scope()
