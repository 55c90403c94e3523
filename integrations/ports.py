"""The ports to external systems. Vendor exceptions end behind them: a sender returns a SendResult and never raises one.

A channel's ``guarantee`` says what a repeat of a message does, and so how the ledger may settle a doubt: ``keyed`` (the
far side drops the repeat), ``lookup`` (it can be asked whether it arrived), ``plain`` (it would arrive twice).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from onboarding.crm.current_rows import HeldRow
from onboarding.effects.send_result import SendResult
from onboarding.model.crm_records import CrmBatch, MilestoneBatch
from onboarding.model.usage import SignalBatch


class Guarantee(StrEnum):
    """What a repeat of a message does on a channel; see the module."""

    KEYED = "keyed"
    LOOKUP = "lookup"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One effect ready to be sent. ``payload`` is what was stored at its first lease (a CRM row is projected again);
    ``onboarding.effects.payloads`` reads it."""

    key: str
    payload: Mapping[str, Any]


class Sender(Protocol):
    """A channel's transport: mail, Slack or CRM."""

    guarantee: Guarantee
    embedded: bool
    """Whether it stays on this machine (Maildir, Slack file, CSV folder)."""
    batch: int
    """How many messages one call may have."""
    slots: int
    """How many calls of one message may run at once, each in a thread of its own (1: one after another)."""
    key_life: timedelta | None
    """How long the far side remembers a key (``keyed`` channels); None: for ever, or it has no keys."""

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Send the messages and return a result for each, in order. Never raises for the far side's behaviour."""

    def find(self, key: str) -> str | None:
        """Return the provider's id of an effect that arrived, or None. Only called on ``lookup`` and ``keyed``
        channels.

        Raise Unreachable if that cannot be looked up: None means that it did not arrive, and lets the effect be sent
        again.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many requests a CRM allows all programs together in a day, and how many are used."""

    used: int
    limit: int
    floor: int
    """Percent of the limit that is left to other programs."""

    @property
    def left(self) -> int:
        """Return the percentage of the limit that is left."""
        return max(0, 100 * (self.limit - self.used) // self.limit) if self.limit else 0

    @property
    def is_low(self) -> bool:
        """Return whether less is left than the floor: then reads become rarer; planned writes still happen."""
        return self.left < self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorMove:
    """Cursors of ``Crm.read_milestones`` before and after first90's own writes, without any other change between."""

    before: str
    after: str


class Crm(Sender, Protocol):
    """The system of record: read completely or since a cursor, written by external id.

    A cursor is opaque and only moves past what was returned, with a look-back for rows that become visible late; if
    it no longer fits (another mapping, another org), the read is a whole one. Records may be returned again: taking
    in the same record twice changes nothing. ``None`` asks for a whole read, which is also the daily comparison: it
    finds what no change date shows (withdrawn rights, records purged before they were read, old deletions).

    A message's payload is a stored ``RowPayload``: ``base`` is the last known state of the row. A field of
    direction ``both`` that differs from ``base`` was changed by a person since: ``send`` does not overwrite it.
    """

    by_change: bool
    """Whether a read since a cursor returns only changes; a whole read is then requested once a day."""

    def source(self, crm_object: str) -> str:
        """Return how problems name the source of an object's (``Account``) records."""

    def identity(self) -> str:
        """Return what distinguishes this CRM from others, once it was read; the same after its address changed."""

    def read(self, cursor: str | None) -> CrmBatch:
        """Return users, accounts, contacts, deals, roles and rows of ``Onboarding__c``: all, or the changes.

        Changes include what was deleted, undeleted, merged, reopened or no longer matches the filter, and with a
        changed deal what a whole read would return of it (its account, that account's contacts, its owner, all its
        roles, even if unchanged). Raise Unreachable if it cannot be read to its end.
        """

    def read_milestones(self, cursor: str | None) -> MilestoneBatch:
        """Return the rows of ``Onboarding_Milestone__c``: all, or the changes; one request if there are none.

        It has a cursor of its own. first90's own writes are returned too, unless the cursor was moved by
        ``own_milestones``. Raise Unreachable if it cannot be read.
        """

    def own_milestones(self) -> CursorMove | None:
        """Return what ``send`` wrote to milestone rows since the last call, as a move of the cursor: whoever had read
        up to ``before`` would find nothing but these writes up to ``after``. None if the CRM cannot tell."""

    def held_rows(self) -> Sequence[HeldRow]:
        """Return every current row of first90's two objects, for comparison with what first90 would write.

        Raise Unreachable if they cannot all be read.
        """

    def allowance(self) -> Allowance | None:
        """Return the allowance of the last response, without a request; None if there is none or none was given yet."""


class Signals(Protocol):
    """A source of product usage."""

    def read(self, cursor: str | None) -> Iterator[SignalBatch]:
        """Yield the events since the cursor in parts, so that memory does not grow with their number.

        The last part has the cursor and the problems. Raise Unreachable if it cannot be read to its end; the parts
        given until then may be kept, as an event counts once under its key.
        """


class Unreachable(Exception):
    """A source that cannot be read now. The message names the source, the place and the remedy, and no secret."""


class UnusableSource(Unreachable):
    """A source whose content cannot be used until a person fixes it: retrying does not help."""
