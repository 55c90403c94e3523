"""The seams to the outside. Vendor exceptions end behind them: a sender answers with an Outcome, never raises one.

A channel's ``guarantee`` says what a repeat of one parcel would do, and so how the ledger may treat a doubt: ``keyed``
(the far side drops the repeat), ``lookup`` (we can ask whether it arrived), ``plain`` (it would arrive twice).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol

from onboarding.records import CrmBatch, SignalBatch

Guarantee = Literal["keyed", "lookup", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One effect ready to leave. ``payload`` was frozen at its first lease (a CRM row is projected afresh)."""

    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one parcel.

    ``sent``: accepted, ``provider_id`` names it there. ``transient``: certainly refused, try again after
    ``retry_after`` seconds (None: our own schedule). ``permanent``: can never succeed. ``unknown``: it may have
    happened.
    """

    state: Literal["sent", "transient", "permanent", "unknown"]
    provider_id: str | None = None
    error: str | None = None
    """What went wrong, without addresses, names or secrets."""
    retry_after: float | None = None


class Sender(Protocol):
    """A way out: mail, chat or CRM."""

    guarantee: Guarantee
    embedded: bool
    """True where it stays on this machine (Maildir, chat file, CSV folder)."""
    batch: int
    """How many parcels may go in one call."""
    slots: int
    """How many calls of one parcel may be under way at once, each from a thread of its own (1: one after another)."""
    key_life: timedelta | None
    """How long the far side remembers a key (``keyed`` channels); None: for ever, or it takes none."""

    def send(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Send the parcels and answer for each, in order. Never raises for what the far side does."""

    def find(self, key: str) -> str | None:
        """The provider's id of an effect that arrived, or None. Only asked of ``lookup`` and ``keyed`` channels.

        Raises Unreachable where it cannot be asked: None is an answer, and lets the effect leave again.
        """


class Crm(Sender, Protocol):
    """The system of record: read as a whole or since a cursor, written by external id."""

    def read(self, cursor: str | None) -> CrmBatch:
        """What there is, or what changed since the cursor. Raises Unreachable when it cannot be read at all."""


class Signals(Protocol):
    """A source of product usage."""

    def read(self, cursor: str | None) -> SignalBatch:
        """What there is since the cursor. Raises Unreachable when it cannot be read at all."""


class Unreachable(Exception):
    """A source that cannot be read now. The message names the source, the place and the mend, and no secret."""
