"""Senders that accept everything and keep it in memory, for dry runs and simulations."""

from collections.abc import Sequence
from datetime import timedelta

from integrations.ports import Allowance, Crm, Guarantee, Outcome, OutgoingMessage
from onboarding.crm.current_rows import HeldRow
from onboarding.model.crm_records import CrmBatch, MilestoneBatch


class Recording:
    """Takes messages and lets nothing leave. A key that it holds already is not taken twice."""

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
        """What was sent, in order."""
        return tuple(self._taken.values())

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[Outcome]:
        """Keep the messages; always ``sent``. The ids count up, so that a repeated run gives the same."""
        for outgoing in messages:
            if outgoing.key not in self._taken:
                self._taken[outgoing.key] = outgoing
                self._ids[outgoing.key] = f"recorded-{len(self._taken)}"
        return [Outcome(state="sent", provider_id=self._ids[outgoing.key]) for outgoing in messages]

    def find(self, key: str) -> str | None:
        """The id that was given to this effect."""
        return self._ids.get(key)


class RecordingCrm(Recording):
    """A real CRM to read from, and a memory to write into."""

    def __init__(self, crm: Crm) -> None:
        super().__init__()
        self._crm = crm
        self.by_change = crm.by_change

    def source(self, crm_object: str) -> str:
        """As the real CRM names it."""
        return self._crm.source(crm_object)

    def identity(self) -> str:
        """The real CRM's."""
        return self._crm.identity()

    def read(self, cursor: str | None) -> CrmBatch:
        """What the real CRM says. Raises Unreachable as it does."""
        return self._crm.read(cursor)

    def read_milestones(self, cursor: str | None) -> MilestoneBatch:
        """What the real CRM says. Raises Unreachable as it does."""
        return self._crm.read_milestones(cursor)

    def held_rows(self) -> Sequence[HeldRow]:
        """What the real CRM holds. Raises Unreachable as it does."""
        return self._crm.held_rows()

    def allowance(self) -> Allowance | None:
        """What the real CRM grants."""
        return self._crm.allowance()
