"""Senders that accept everything and keep it in memory, for dry runs and simulations."""

from collections.abc import Sequence
from datetime import timedelta

from integrations.ports import Allowance, Crm, Guarantee, OutgoingMessage
from onboarding.crm.current_rows import HeldRow
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.crm_records import CrmBatch, MilestoneBatch


class Recording:
    """A sender that keeps messages and sends nothing. A repeated key is kept once."""

    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    batch = 500
    slots = 1
    key_life: timedelta | None = None

    def __init__(self) -> None:
        self._taken: dict[str, OutgoingMessage] = {}
        self._ids: dict[str, str] = {}

    @property
    def messages(self) -> tuple[OutgoingMessage, ...]:
        """Return the messages, in order."""
        return tuple(self._taken.values())

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Keep the messages; the result is always ``sent``. The ids count up, so that a repeated run gives the same."""
        for outgoing in messages:
            if outgoing.key not in self._taken:
                self._taken[outgoing.key] = outgoing
                self._ids[outgoing.key] = f"recorded-{len(self._taken)}"
        return [SendResult(state=ResultState.SENT, provider_id=self._ids[outgoing.key]) for outgoing in messages]

    def find(self, key: str) -> str | None:
        """Return the id given to this effect, or None."""
        return self._ids.get(key)


class RecordingCrm(Recording):
    """A CRM that reads from a real one and writes into memory."""

    def __init__(self, crm: Crm) -> None:
        super().__init__()
        self._crm = crm
        self.by_change = crm.by_change

    def source(self, crm_object: str) -> str:
        """Return the real CRM's name of the source."""
        return self._crm.source(crm_object)

    def identity(self) -> str:
        """Return the real CRM's identity."""
        return self._crm.identity()

    def read(self, cursor: str | None) -> CrmBatch:
        """Return what the real CRM returns. Raise Unreachable as it does."""
        return self._crm.read(cursor)

    def read_milestones(self, cursor: str | None) -> MilestoneBatch:
        """Return what the real CRM returns. Raise Unreachable as it does."""
        return self._crm.read_milestones(cursor)

    def own_milestones(self) -> None:
        """Return None: nothing is written."""

    def held_rows(self) -> Sequence[HeldRow]:
        """Return the real CRM's rows. Raise Unreachable as it does."""
        return self._crm.held_rows()

    def allowance(self) -> Allowance | None:
        """Return the real CRM's allowance."""
        return self._crm.allowance()
