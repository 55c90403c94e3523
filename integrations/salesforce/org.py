"""A Salesforce org behind the ``Crm`` port: read completely or by change, written by external id."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from config.company.mapping import KEY, CrmMapping
from integrations.crm.milestones import milestone
from integrations.ports import Allowance, Guarantee, OutgoingMessage, Unreachable
from integrations.salesforce.api import soql
from integrations.salesforce.api.codes import OUTDATED
from integrations.salesforce.api.errors import RequestRefused
from integrations.salesforce.api.session import Session
from integrations.salesforce.changes import ORDER, Delta
from integrations.salesforce.cursor import Cursor
from integrations.salesforce.findings import Findings, Row
from integrations.salesforce.reading import Questions, ReadRecords
from integrations.salesforce.rows import as_written, record_id
from integrations.salesforce.schema import MILESTONE, ONBOARDING, OURS, SOURCES, Shape, describe_objects
from integrations.salesforce.writing import Writer
from onboarding.crm.current_rows import HeldRow
from onboarding.effects.send_result import SendResult
from onboarding.model.crm_records import CrmBatch, MilestoneBatch

READING = "5"
"""Part of every cursor: increase it when the same org would give other records than before."""


class SalesforceOrg:
    """An org as CRM. A write is an upsert by key, so a repeat of a message changes nothing."""

    guarantee: Guarantee = Guarantee.KEYED
    embedded = False
    batch = 5000
    slots = 1
    key_life: timedelta | None = None
    by_change = True

    def __init__(self, session: Session, mapping: CrmMapping, first_day: date | None = None) -> None:
        """``first_day``: deals closed long before it are not read; None reads all."""
        self._session, self._mapping, self._first_day = session, mapping, first_day
        self._writer = Writer(session, mapping)

    def source(self, crm_object: str) -> str:
        """Return the object's name."""
        return crm_object

    def identity(self) -> str:
        """Return the id of the org, which stays the same when its address or the login changes."""
        return self._session.org_id

    def read(self, cursor: str | None) -> CrmBatch:
        """Return the changes with a valid cursor, else everything. Raise Unreachable."""
        kept = Cursor.read(cursor, self._fit("records"))
        try:
            if kept is None:
                return self._whole()
            try:
                return Delta(self._ask(kept), kept).read()
            except RequestRefused as error:
                if error.code not in OUTDATED:
                    raise
            return self._whole()
        except RequestRefused as error:
            told = str(error)
        raise Unreachable(told)

    def read_milestones(self, cursor: str | None) -> MilestoneBatch:
        """Return the changed milestone rows with a valid cursor, else all. Raise Unreachable."""
        kept = Cursor.read(cursor, self._fit("milestones"))
        try:
            if kept is not None:
                try:
                    return self._milestones(kept)
                except RequestRefused as error:
                    if error.code not in OUTDATED:
                        raise
            shape = describe_objects(self._session, self._mapping, [MILESTONE])
            found = self._milestones(Cursor(self._fit("milestones"), shape.fields))
            return replace(found, problems=(*shape.problems, *found.problems), looked_at=None, unchanged=False)
        except RequestRefused as error:
            told = str(error)
        raise Unreachable(told)

    def own_milestones(self) -> None:
        """Return None: what others changed in the meantime is known only from a read."""

    def held_rows(self) -> Sequence[HeldRow]:
        """Return all rows of first90's two objects. Raise Unreachable."""
        try:
            shape = describe_objects(self._session, self._mapping, OURS)
            ask = Questions(self._session, self._mapping, shape.fields, None)
            own, milestones = list(ask.all(ONBOARDING)), list(ask.all(MILESTONE))
            keys = {record_id(row): str(row[KEY]) for row in own}
            return [*self._held(ONBOARDING, own, shape, {}), *self._held(MILESTONE, milestones, shape, keys)]
        except RequestRefused as error:
            told = str(error)
        raise Unreachable(told)

    def allowance(self) -> Allowance | None:
        """Return the allowance of the last response."""
        return self._session.allowance

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Upsert the rows; return one result for each message, in order."""
        return self._writer.write(messages)

    def find(self, key: str) -> str | None:
        """Return None: an upsert does not record which effect wrote it, and writing again is harmless."""
        return None

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask(self, cursor: Cursor) -> Questions:
        return Questions(self._session, self._mapping, cursor.fields, self._first_day)

    def _whole(self) -> CrmBatch:
        """Return all records that first90 follows."""
        shape = describe_objects(self._session, self._mapping, SOURCES)
        cursor = Cursor(self._fit("records"), shape.fields)
        ask = self._ask(cursor)
        newest = soql.select(("Id", "SystemModstamp"), "Opportunity", order="SystemModstamp DESC LIMIT 1")
        cursor.begin(self._session.query_all(newest))
        portfolio = ReadRecords(ask, Findings(self._mapping))
        users, rows = list(ask.users()), list(ask.all(ONBOARDING))
        portfolio.add_users(users)
        there = ask.all_deals(str(row[KEY]) for row in rows)
        cursor.fresh([*users, *rows, *portfolio.add_deals(there)])
        portfolio.add_onboardings(rows)
        batch = portfolio.batch(cursor.text())
        return replace(batch, problems=(*shape.problems, *batch.problems), merged=ask.merged())

    def _milestones(self, cursor: Cursor) -> MilestoneBatch:
        since = [soql.since("SystemModstamp", cursor.since)] if cursor.since else []
        rows = list(self._ask(cursor).all(MILESTONE, *since, order=ORDER))
        cursor.begin(rows)
        fresh = cursor.fresh(rows)
        if not fresh:
            return MilestoneBatch(cursor=cursor.text(), unchanged=True)
        found = Findings(self._mapping)
        return MilestoneBatch(
            milestones=found.take(MILESTONE, fresh, milestone),
            problems=tuple(found.problems),
            sources=(MILESTONE,),
            looked_at=frozenset(found.looked_at),
            cursor=cursor.text(),
        )

    def _held(self, sobject: str, rows: Iterable[Row], shape: Shape, keys: Mapping[str, str]) -> Iterator[HeldRow]:
        """Yield the rows. ``keys``: record id to key of the parents, which are written by key and returned by id."""
        names = {ours: field.field or ours for ours, field in self._mapping.written(sobject).items()}
        for row in rows:
            texts = {ours: as_written(row.get(name)) for ours, name in names.items() if shape.has(sobject, name)}
            fields = {ours: keys.get(text, text) for ours, text in texts.items()}
            yield HeldRow(object=sobject, key=as_written(row.get(KEY)), place=record_id(row), fields=fields)

    def _fit(self, stream: str) -> str:
        login = getattr(self._session.choice.login, "username", "")
        said = (
            READING,
            stream,
            self._session.choice.place,
            login,
            str(self._first_day),
            self._mapping.fingerprint,
        )
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
