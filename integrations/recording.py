"""Senders that accept everything and keep it in memory, for dry runs and simulations."""

from collections.abc import Sequence
from datetime import timedelta

from integrations.ports import Allowance, Crm, Guarantee, Outcome, Parcel
from onboarding.held_rows import HeldRow
from onboarding.records import CrmBatch, MilestoneBatch


class Recording:
    """Takes parcels and lets nothing leave. A key that it holds already is not taken twice."""

    guarantee: Guarantee = "keyed"
    embedded = True
    batch = 500
    slots = 1
    key_life: timedelta | None = None

    def __init__(self) -> None:
        self._taken: dict[str, Parcel] = {}
        self._ids: dict[str, str] = {}

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """What was sent, in order."""
        return tuple(self._taken.values())

    def send(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Keep the parcels; always ``sent``. The ids count up, so that a repeated run gives the same."""
        for parcel in parcels:
            if parcel.key not in self._taken:
                self._taken[parcel.key] = parcel
                self._ids[parcel.key] = f"recorded-{len(self._taken)}"
        return [Outcome(state="sent", provider_id=self._ids[parcel.key]) for parcel in parcels]

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
