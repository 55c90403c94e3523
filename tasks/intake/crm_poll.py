"""Looks at the CRM: how far it was read, when it is read whole, and that nobody acts on an overtaken look."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database import key_values
from database.key_values import KeyValue
from database.onboardings import openings
from integrations.ports import Unreachable
from onboarding.model.crm_records import CrmBatch, MilestoneBatch
from tasks.runtime.api_allowance import rests
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure
from tasks.runtime.scope import Scope

logger = logging.getLogger(__name__)

WHOLE = "crm_whole"
"""When the CRM was last read whole."""
MILESTONES = "crm_ticks"
"""How far the milestone rows were read; this look is also taken alone, more often than the whole intake."""
PASSED = "crm_passed"
"""Onboardings whose milestone rows were read while they were nobody's: read again once they are somebody's."""
WHOLE_EVERY = timedelta(days=1)
"""The daily comparison: it finds what no change date tells (R16)."""

NO_RECORDS, NO_MILESTONES = CrmBatch(unchanged=True), MilestoneBatch(unchanged=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look brought, and from where it was taken."""

    records: CrmBatch = NO_RECORDS
    milestones: MilestoneBatch = NO_MILESTONES
    read_at: datetime
    """The wall clock before it: what was written since is no news."""
    kept: Mapping[str, KeyValue]
    """How far was read before, and what else is remembered of it, by name."""
    asked: bool = True
    """False where it is too early to look again, as little of the CRM's allowance is left."""
    failures: tuple[Failure, ...] = ()


def look(context: RunContext, as_of: datetime, scope: Scope) -> Look:
    """Everything that changed in the CRM since the last look; once a day everything there is.

    A CRM that cannot be read to its end brings nothing at all: nobody acts on half a look.
    """
    with context.database.reading() as conn:
        kept = key_values.read_all(conn, (key_values.CRM, MILESTONES, WHOLE, PASSED, key_values.ALLOWANCE))
    found = Look(read_at=context.wall_clock(), kept=kept)
    if scope.accounts is None and rests(kept.get(key_values.ALLOWANCE), as_of):
        return replace(found, asked=False)
    whole = context.crm.by_change and not _within(kept.get(WHOLE), as_of, WHOLE_EVERY)
    since, ticked = (None if whole else kept.get(name) for name in (key_values.CRM, MILESTONES))
    try:
        records = context.crm.read(since.value if since else None)
        milestones = context.crm.read_milestones(ticked.value if ticked else None)
    except Unreachable as error:
        return replace(found, failures=unreachable(error))
    return replace(found, records=records, milestones=milestones)


def unreachable(error: Unreachable) -> tuple[Failure, ...]:
    """A CRM that could not be read, logged and reported."""
    logger.error("the CRM could not be read: %s", error)
    return (Failure(where="the CRM", error=str(error)),)


def overtaken(conn: Connection, found: Look) -> bool:
    """Whether another run took in what changed since this look began: what we read may be older than what is known.
    The next look begins where that run ended. Holds the cursor until the transaction ends."""
    now, before = key_values.read(conn, key_values.CRM, held=True), found.kept.get(key_values.CRM)
    return (now.value if now else None) != (before.value if before else None)


def keep_records(conn: Connection, found: Look, as_of: datetime) -> None:
    """The records of this look are taken in."""
    key_values.write(conn, key_values.CRM, found.records.cursor, as_of)
    if found.records.complete:
        key_values.write(conn, WHOLE, "", as_of)


def keep_milestones(conn: Connection, batch: MilestoneBatch, nobodys: frozenset[str], as_of: datetime) -> None:
    """The milestone rows of this look are taken back, but for those of onboardings that are ``nobodys`` so far."""
    key_values.write(conn, MILESTONES, batch.cursor, as_of)
    kept = nobodys if batch.looked_at is None else nobodys | _names(key_values.read(conn, PASSED))
    key_values.write(conn, PASSED, json.dumps(sorted(kept)), as_of)


def passed_over(conn: Connection, found: Look) -> bool:
    """Whether milestone rows were nobody's when they were read and are somebody's now: then all are read again."""
    mine = openings.accounts_of(conn, _names(found.kept.get(PASSED)))
    if mine:
        key_values.forget(conn, MILESTONES)
        key_values.forget(conn, PASSED)
    return bool(mine)


def _names(kept: KeyValue | None) -> frozenset[str]:
    return frozenset(json.loads(kept.value)) if kept else frozenset()


def _within(last: KeyValue | None, as_of: datetime, span: timedelta) -> bool:
    """Whether it was less than ``span`` ago; a moment ahead of us, as a rehearsal leaves it, counts for nothing."""
    return last is not None and timedelta(0) <= as_of - last.at < span
