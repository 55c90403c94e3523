"""Reads the CRM: from where on, when it is read whole, and how a reading that another run overtook is dropped."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database import key_values
from database.key_values import MILESTONES, KeyValue
from database.onboardings import openings
from integrations.ports import Unreachable
from onboarding.model.crm_records import CrmBatch, MilestoneBatch
from tasks.runtime.api_allowance import rests
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure
from tasks.runtime.scope import Scope

logger = logging.getLogger(__name__)

WHOLE = "crm_whole"
"""The key of the moment at which the CRM was last read whole."""
PASSED = "crm_passed"
"""The key of the onboardings whose milestone rows were read before this database knew them: read again once it does."""
WHOLE_EVERY = timedelta(days=1)
"""How often the CRM is read whole: that finds what no change date shows (R16)."""

KEPT = (key_values.CRM, MILESTONES, WHOLE, PASSED, key_values.ALLOWANCE, key_values.HALF_STORED)
"""The keys of what is kept between readings."""

NO_RECORDS, NO_MILESTONES = CrmBatch(unchanged=True), MilestoneBatch(unchanged=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmReading:
    """What one reading of the CRM brought, and from where on it was read."""

    records: CrmBatch = NO_RECORDS
    milestones: MilestoneBatch = NO_MILESTONES
    read_at: datetime
    """The wall clock before the reading: a row that we wrote later is newer than what was read of it."""
    kept: Mapping[str, KeyValue]
    """How far was read before and what else is kept of it, by key."""
    asked: bool = True
    """False where it is too early to read again, because little of the CRM's allowance is left."""
    failures: tuple[Failure, ...] = ()


def read_crm(context: RunContext, as_of: datetime, scope: Scope) -> CrmReading:
    """Read what changed in the CRM since the last reading; once a day read it whole.

    A CRM that cannot be read to the end brings nothing at all, only a failure: half a reading would be acted on.
    """
    with context.database.reading() as conn:
        kept = key_values.read_all(conn, KEPT)
    found = CrmReading(read_at=context.wall_clock(), kept=kept)
    if scope.accounts is None and rests(kept.get(key_values.ALLOWANCE), as_of):
        return replace(found, asked=False)
    whole = context.crm.by_change and not _within(kept.get(WHOLE), as_of, WHOLE_EVERY)
    since, ticked = (None if whole else kept.get(name) for name in (key_values.CRM, MILESTONES))
    if key_values.HALF_STORED in kept:
        since = None  # what is stored may be newer than the cursor says
    try:
        records = context.crm.read(since.value if since else None)
        milestones = context.crm.read_milestones(ticked.value if ticked else None)
    except Unreachable as error:
        return replace(found, failures=unreachable(error))
    return replace(found, records=records, milestones=milestones)


def unreachable(error: Unreachable) -> tuple[Failure, ...]:
    """Log that the CRM could not be read, and return it as a failure."""
    logger.error("the CRM could not be read: %s", error)
    return (Failure(where="the CRM", error=str(error)),)


def overtaken(conn: Connection, found: CrmReading, token: str = "") -> bool:
    """Return whether another run took in changes since this reading began, or began to: what was read may be older than
    what is known, and the next reading begins where that run ended.

    ``token`` is what this reading wrote when its first part was stored. Locks the cursor until the transaction ends.
    """
    names = (key_values.CRM, key_values.HALF_STORED)
    now = key_values.read_all(conn, names, held=True)
    before = {name: kept.value for name in names if (kept := found.kept.get(name))}
    if token:
        before[key_values.HALF_STORED] = token
    return {name: kept.value for name, kept in now.items()} != before


def keep_records(conn: Connection, found: CrmReading, as_of: datetime, token: str = "") -> None:
    """Keep that the records of this reading are taken in."""
    key_values.write(conn, key_values.CRM, found.records.cursor, as_of)
    if found.records.complete:
        key_values.write(conn, WHOLE, "", as_of)
    if token or key_values.HALF_STORED in found.kept:
        key_values.forget(conn, key_values.HALF_STORED)


def keep_milestones(conn: Connection, batch: MilestoneBatch, unknown: frozenset[str], as_of: datetime) -> None:
    """Keep that the milestone rows of this reading are taken in, but for those of onboardings still unknown."""
    key_values.write(conn, MILESTONES, batch.cursor, as_of)
    kept = unknown if batch.looked_at is None else unknown | _names(key_values.read(conn, PASSED))
    key_values.write(conn, PASSED, json.dumps(sorted(kept)), as_of)


def passed_over(conn: Connection, found: CrmReading) -> bool:
    """Return whether an onboarding is known now whose milestone rows were read too early: then all are read again."""
    known = openings.accounts_of(conn, _names(found.kept.get(PASSED)))
    if known:
        key_values.forget(conn, MILESTONES)
        key_values.forget(conn, PASSED)
    return bool(known)


def _names(kept: KeyValue | None) -> frozenset[str]:
    return frozenset(json.loads(kept.value)) if kept else frozenset()


def _within(last: KeyValue | None, as_of: datetime, span: timedelta) -> bool:
    """Return whether it was less than ``span`` ago; False for a moment that lies ahead, as a rehearsal leaves it."""
    return last is not None and timedelta(0) <= as_of - last.at < span
