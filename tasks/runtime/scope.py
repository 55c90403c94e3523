"""The accounts that a run is about, and who asked for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The accounts of a run, as CRM account ids (18 characters; None means every account), and who asked for it."""

    accounts: frozenset[str] | None = None
    by: str = "first90"
    reason: str = ""


ALL_ACCOUNTS = Scope()
