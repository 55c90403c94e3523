"""The CSV folder as CRM: reading and writing behind the ``Crm`` port."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from config.company.mapping import CrmMapping
from integrations.csv_crm.current_rows import held_rows
from integrations.csv_crm.reading import read_folder, read_milestones
from integrations.csv_crm.writing import Change, as_text, keys, upsert
from integrations.locks import Busy
from integrations.ports import Allowance, Guarantee, OutgoingMessage
from onboarding.crm.current_rows import HeldRow
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.crm_records import CrmBatch, MilestoneBatch

OBJECTS = ("Onboarding__c", "Onboarding_Milestone__c")


class CsvFolder:
    """A CRM in a folder. A write is an upsert by key, so a repeat of a message changes nothing."""

    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    by_change = False
    batch = 1_000
    """Each batch rewrites the whole file. A larger batch means fewer rewrites, but a longer lease on the rows of a
    worker that dies: more than this would be leased for over a minute."""
    slots = 1
    key_life: timedelta | None = None

    def __init__(self, folder: Path, mapping: CrmMapping) -> None:
        self._folder, self._mapping = folder, mapping

    def source(self, crm_object: str) -> str:
        """Return the object's file name."""
        return f"{crm_object}.csv"

    def identity(self) -> str:
        """Return the folder."""
        return str(self._folder)

    def read(self, cursor: str | None) -> CrmBatch:
        """Return the whole folder, or ``unchanged``. Raise Unreachable if it cannot be read at all."""
        return read_folder(self._folder, self._mapping, cursor)

    def read_milestones(self, cursor: str | None) -> MilestoneBatch:
        """Return all milestone rows, or ``unchanged``. Raise Unreachable if they cannot be read."""
        return read_milestones(self._folder, self._mapping, cursor)

    def held_rows(self) -> Sequence[HeldRow]:
        """Return every row of first90's two files. Raise Unreachable if they cannot be read."""
        return [row for crm_object in OBJECTS for row in held_rows(self._folder, self._mapping, crm_object)]

    def allowance(self) -> Allowance | None:
        """Return None: a folder has no request limit."""
        return None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Upsert the rows in the given order; each file is read, merged and replaced once for all of them.

        A payload is ``{"object": ..., "key": ..., "fields": {...}}`` with the CRM's field names (docs/salesforce.md),
        and ``"base"`` with the last known values of the fields that both sides may change.
        """
        answers: dict[int, SendResult] = {}
        files: dict[str, list[tuple[int, Change]]] = {}
        for place, outgoing in enumerate(messages):
            try:
                crm_object, change = _read_payload(outgoing)
                files.setdefault(crm_object, []).append((place, change))
            except (KeyError, TypeError, ValueError) as error:
                answers[place] = SendResult(
                    state=ResultState.PERMANENT, error=f"the CRM row is malformed: {type(error).__name__}"
                )
        for crm_object, changes in files.items():
            refused = self._write(crm_object, [change for _, change in changes])
            for place, change in changes:
                answers[place] = refused or SendResult(state=ResultState.SENT, provider_id=change.key)
        return [answers[place] for place in range(len(messages))]

    def find(self, key: str) -> str | None:
        """Return the key if there is a row with it, or None.

        An effect's own key is never found, because an upsert does not record which effect wrote it: a doubt is settled
        by writing again, which is harmless.
        """
        for crm_object in OBJECTS:
            try:
                if key in keys(self._folder / f"{crm_object}.csv"):
                    return key
            except (OSError, ValueError):
                continue
        return None

    def _write(self, crm_object: str, changes: Sequence[Change]) -> SendResult | None:
        name = f"{crm_object}.csv"
        try:
            upsert(self._folder / name, changes, self._mapping.written(crm_object))
        except Busy as error:
            return SendResult(state=ResultState.TRANSIENT, error=str(error))
        except ValueError as error:
            return SendResult(state=ResultState.TRANSIENT, error=str(error))
        except OSError as error:
            return SendResult(state=ResultState.TRANSIENT, error=f"{name} cannot be written: {error.strerror}")
        return None


def _read_payload(outgoing: OutgoingMessage) -> tuple[str, Change]:
    payload = outgoing.payload
    key, fields, base = payload["key"], payload["fields"], payload.get("base") or {}
    if payload["object"] not in OBJECTS or not isinstance(fields, Mapping) or not isinstance(base, Mapping):
        raise ValueError(payload["object"])
    if not isinstance(key, str) or not key or as_text(key) != key:
        raise ValueError("key")
    return payload["object"], Change(key=key, fields=dict(fields), base=dict(base))
