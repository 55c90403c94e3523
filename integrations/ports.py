"""The seams to the outside. Vendor exceptions end behind them: a sender answers with an Outcome, never raises one.

A channel's ``guarantee`` says what a repeat of one message would do, and so how the ledger may treat a doubt: ``keyed``
(the far side drops the repeat), ``lookup`` (we can ask whether it arrived), ``plain`` (it would arrive twice).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol

from onboarding.crm.current_rows import HeldRow
from onboarding.model.crm_records import CrmBatch, MilestoneBatch, SignalBatch


class Guarantee(StrEnum):
    """What a repeat of one message would do at a channel; see above."""

    KEYED = "keyed"
    LOOKUP = "lookup"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One effect ready to leave. ``payload`` was frozen at its first lease (a CRM row is projected afresh)."""

    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message.

    ``sent``: accepted, ``provider_id`` names it there. ``transient``: certainly refused, try again after
    ``retry_after`` seconds (None: our own schedule). ``permanent``: can never succeed. ``unknown``: it may have
    happened.
    """

    state: Literal["sent", "transient", "permanent", "unknown"]
    provider_id: str | None = None
    error: str | None = None
    """What went wrong, without addresses, names or secrets. With ``sent``: what was otherwise than asked for."""
    retry_after: float | None = None
    rest: bool = field(default=False, compare=False)
    """With ``transient``: the far side asks for ``retry_after`` of all that we send there. It says nothing more of this
    message, so it is not compared."""
    whole_lane: bool = False
    """With ``transient``: the fault is the channel's (a wrong password, a withdrawn token), not this message's. Nothing
    more leaves until it is mended, people are told once, and it counts as no try. ``error`` names the mend."""
    needs_person: bool = False
    """With ``transient``: it may need a person, who is told once; it is tried again by itself all the same."""
    patient: bool = False
    """With ``transient``: it waits for a person's decision, however long that takes. Tried again slowly, and it counts
    as no try."""


class Sender(Protocol):
    """A way out: mail, chat or CRM."""

    guarantee: Guarantee
    embedded: bool
    """True where it stays on this machine (Maildir, chat file, CSV folder)."""
    batch: int
    """How many messages may go in one call."""
    slots: int
    """How many calls of one message may be under way at once, each from a thread of its own (1: one after another)."""
    key_life: timedelta | None
    """How long the far side remembers a key (``keyed`` channels); None: for ever, or it takes none."""

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[Outcome]:
        """Send the messages and answer for each, in order. Never raises for what the far side does."""

    def find(self, key: str) -> str | None:
        """The provider's id of an effect that arrived, or None. Only asked of ``lookup`` and ``keyed`` channels.

        Raises Unreachable where it cannot be asked: None is an answer, and lets the effect leave again.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many calls a CRM grants its programs together in a day, and how many of them are used."""

    used: int
    limit: int
    floor: int
    """Percent of the limit that we leave to others."""

    @property
    def left(self) -> int:
        """Percent of the limit that is left."""
        return max(0, 100 * (self.limit - self.used) // self.limit) if self.limit else 0

    @property
    def is_low(self) -> bool:
        """Whether less is left than we leave to others: then we look less often; what is owed is still written."""
        return self.left < self.floor


class Crm(Sender, Protocol):
    """The system of record: read as a whole or since a cursor, written by external id.

    A cursor is opaque and is only moved past what was really handed out, with a look-back for rows that become
    visible late; one that no longer fits (another mapping, another org) is answered by a whole read. What was
    handed out before may come again: taking in the same record twice changes nothing. ``None`` asks for a whole
    read, which is also the daily comparison: it finds what no change date tells (rights that were withdrawn,
    records purged before they were seen, deletions too old).

    A message is ``{"object", "key", "fields", "base"}``: ``base`` is what we last knew of the row. A field of direction
    ``both`` that no longer says what ``base`` says was changed by a person since: ``send`` leaves it as it stands.
    """

    by_change: bool
    """True where a read since a cursor brings only what changed: a whole read is then asked for once a day."""

    def source(self, crm_object: str) -> str:
        """How problems name the place where records of an object (``Account``) stand."""

    def identity(self) -> str:
        """What tells this CRM from every other, once it was read: the same after it moved to another address."""

    def read(self, cursor: str | None) -> CrmBatch:
        """People, accounts, deals, parts in deals and the rows of ``Onboarding__c``: all, or what changed since.

        What changed includes what was deleted, undeleted, merged, reopened or no longer fits the filter, and with a
        changed deal whatever a whole read would show of it (its account, that account's people, its owner, all
        its parts, though they did not change). Raises Unreachable when it cannot be read to its end.
        """

    def read_milestones(self, cursor: str | None) -> MilestoneBatch:
        """The rows of ``Onboarding_Milestone__c``: all, or what changed since; one call where nothing did.

        A cursor of its own. Our own writes come back here too. Raises Unreachable when it cannot be read.
        """

    def held_rows(self) -> Sequence[HeldRow]:
        """Every row of our two objects as it stands now, for the comparison with what we would write.

        Raises Unreachable when they cannot all be read.
        """

    def allowance(self) -> Allowance | None:
        """The allowance as the last answer told it, without a call of its own; None where there is none or none was
        told yet."""


class Signals(Protocol):
    """A source of product usage."""

    def read(self, cursor: str | None) -> SignalBatch:
        """What there is since the cursor. Raises Unreachable when it cannot be read at all."""


class Unreachable(Exception):
    """A source that cannot be read now. The message names the source, the place and the mend, and no secret."""


class Unusable(Unreachable):
    """What a source gives cannot be used at all until a person mends it: waiting and asking again will not help."""
