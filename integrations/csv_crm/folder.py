"""The CSV folder as CRM: reading and writing behind the ``Crm`` port."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from config.company.mapping import CrmMapping
from integrations.csv_crm.current_rows import held_rows
from integrations.csv_crm.reading import MILESTONES, cursor_of, read_folder, read_milestones
from integrations.csv_crm.sheet import Sheet
from integrations.csv_crm.writing import Change, WrittenFile, as_text, keys, upsert
from integrations.locks import Busy
from integrations.ports import Allowance, CursorMove, Guarantee, OutgoingMessage
from onboarding.crm.current_rows import HeldRow
from onboarding.effects.payloads import read_row
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.crm_records import CrmBatch, MilestoneBatch

OBJECTS = ("Onboarding__c", "Onboarding_Milestone__c")


class CsvFolder:
    """A CRM in a folder. A write is an upsert by key, so a repeat of a message changes nothing."""

    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    by_change = False
    batch = 10_000
    """Each batch rewrites the whole file, so a larger one means fewer rewrites of a file that grows with the portfolio;
    this many rows take some 30 MB until they are written."""
    slots = 1
    key_life: timedelta | None = None

    def __init__(self, folder: Path, mapping: CrmMapping) -> None:
        self._folder, self._mapping = folder, mapping
        self._held: dict[str, Sheet] = {}
        """The file of each object after the last batch; kept while batches are full."""
        self._own: tuple[str, bytes] | None = None
        """The cursor before the first of the milestone rows that were written, and the file after the last."""

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

    def own_milestones(self) -> CursorMove | None:
        """Return the cursors before the first and after the last own write since another writer changed the file."""
        own, self._own = self._own, None
        return own and CursorMove(before=own[0], after=self._milestones_cursor(own[1]))

    def held_rows(self) -> Sequence[HeldRow]:
        """Return every row of first90's two files. Raise Unreachable if they cannot be read."""
        return [row for crm_object in OBJECTS for row in held_rows(self._folder, self._mapping, crm_object)]

    def allowance(self) -> Allowance | None:
        """Return None: a folder has no request limit."""
        return None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Upsert the rows in the given order; each file is read, merged and replaced once for all of them.

        A payload is a stored ``RowPayload`` with the CRM's field names (docs/salesforce.md).
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
        if len(messages) < self.batch // 2:
            self._held.clear()  # The last batch of a run: a long-lived process must not keep the files in memory.
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

    def _note_own(self, found: WrittenFile) -> None:
        """Extend the range of own writes by this one; restart it if another writer changed the file before it."""
        if self._own is None or self._own[1] != found.before:
            self._own = self._milestones_cursor(found.before), found.sheet.content
        else:
            self._own = self._own[0], found.sheet.content

    def _milestones_cursor(self, content: bytes | None) -> str:
        files = {} if content is None else {MILESTONES: content}
        return cursor_of(self._folder, files, self._mapping)

    def _write(self, crm_object: str, changes: Sequence[Change]) -> SendResult | None:
        name = f"{crm_object}.csv"
        try:
            held = self._held.pop(crm_object, None)
            found = upsert(self._folder / name, changes, self._mapping.written(crm_object), held)
            self._held[crm_object] = found.sheet
            if name == MILESTONES:
                self._note_own(found)
        except Busy as error:
            return SendResult(state=ResultState.TRANSIENT, error=str(error))
        except ValueError as error:
            return SendResult(state=ResultState.TRANSIENT, error=str(error))
        except OSError as error:
            return SendResult(state=ResultState.TRANSIENT, error=f"{name} cannot be written: {error.strerror}")
        return None


def _read_payload(outgoing: OutgoingMessage) -> tuple[str, Change]:
    row = read_row(outgoing.payload)
    if row.object not in OBJECTS:
        raise ValueError(row.object)
    if as_text(row.key) != row.key:
        raise ValueError("key")
    return row.object, Change(key=row.key, fields=dict(row.fields), base=dict(row.base))
