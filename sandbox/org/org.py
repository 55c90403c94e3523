"""One Salesforce org in memory: its records, rights, sessions, faults and log of calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from sandbox.org.bulk_jobs import BulkJobs
from sandbox.org.call_log import CallLog
from sandbox.org.faults import Faults
from sandbox.org.locators import Locators
from sandbox.org.records import Clock, Records, Row
from sandbox.org.sessions import Secrets, Sessions
from sandbox.schema.fields import Schema, SObject, load_schema
from sandbox.schema.rights import INTEGRATION, Rights

ALLOWANCE = 100_000
"""Calls a day of an Enterprise org without further licences (limits cheat sheet)."""
USER_ID = "0055fQw99999999ABA"
Rule = Callable[[str, Mapping[str, Any]], str | None]
"""A validation rule: a function from object and values to an error message, or None."""


def wall_clock() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


@dataclass(slots=True, repr=False)
class Org:
    """The state of an org. Hold ``lock`` to read or change it."""

    schema: Schema
    secrets: Secrets
    clock: Clock
    records: Records
    rights: Rights
    sessions: Sessions
    locators: Locators
    faults: Faults = field(default_factory=Faults)
    calls: CallLog = field(default_factory=CallLog)
    bulk: BulkJobs = field(default_factory=BulkJobs)
    validation_rules: list[Rule] = field(default_factory=list)
    allowance: int = ALLOWANCE
    used: int = 0
    page_limit: int | None = None
    """The most rows a page, whatever is requested; Salesforce does so with wide rows."""
    lock: RLock = field(default_factory=RLock)

    def object(self, name: str) -> SObject:
        """Return an object of the schema, whatever the user's rights. Raises KeyError."""
        return self.schema.objects[name]

    def bin(self, row: Row, *, by: str | None) -> None:
        """Move a row to the recycle bin, with all master-detail rows below it."""
        self.records.put(row.sobject, {"Id": row.id, "IsDeleted": True}, by=by)
        for other in self.schema.objects.values():
            for one in other.fields.values():
                if one.master and one.reference_to == row.sobject:
                    for child in self.records.find(other.name, one.name, row.id):
                        self.bin(child, by=by)


def new_org(schema: Schema | None = None, secrets: Secrets | None = None, clock: Clock | None = None) -> Org:
    """Return an org with the package installed, its integration user, and no other records."""
    schema = schema or load_schema()
    secrets = secrets or Secrets()
    org: Org

    def now() -> datetime:
        return (clock or wall_clock)()

    org = Org(
        schema=schema,
        secrets=secrets,
        clock=now,
        records=Records({one.name: one.prefix for one in schema.objects.values()}, now, _keys(schema)),
        rights=Rights(schema, schema.permission_sets[INTEGRATION]),
        sessions=Sessions(now),
        locators=Locators(now),
    )
    org.records.put(
        "User",
        {
            "Id": USER_ID,
            "Username": secrets.username,
            "LastName": "first90 integration",
            "Name": "first90 integration",
            "Email": secrets.username,
            "IsActive": True,
        },
        by=USER_ID,
    )
    return org


def _keys(schema: Schema) -> dict[str, frozenset[str]]:
    return {
        one.name: frozenset(each.name for each in one.fields.values() if each.unique or each.external_id)
        for one in schema.objects.values()
    }
