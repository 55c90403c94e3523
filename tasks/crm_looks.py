"""Looks at the CRM: how far it was read, when it is read whole, and how seldom while its allowance is low."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database import cursors, openings
from database.cursors import Cursor
from integrations.ports import Allowance, Unreachable
from onboarding.records import CrmBatch, MilestoneBatch
from tasks.reports import Failure
from tasks.scope import Scope
from tasks.workplace import Workplace

logger = logging.getLogger(__name__)

WHOLE = "crm_whole"
"""When the CRM was last read whole."""
MILESTONES = "crm_ticks"
"""How far the milestone rows were read; this look is also taken alone, more often than the whole intake."""
PASSED = "crm_passed"
"""Onboardings whose milestone rows were read while they were nobody's: read again once they are somebody's."""
ALLOWANCE = "crm_allowance"
WHOLE_EVERY = timedelta(days=1)
"""The daily comparison of reliability, section 1: it finds what no change date tells."""
SLOW_EVERY = timedelta(hours=1)
"""How often we look while little of the allowance is left; ours. The sweep every ten minutes costs seven calls."""

NO_RECORDS, NO_MILESTONES = CrmBatch(unchanged=True), MilestoneBatch(unchanged=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look brought, and from where it was taken."""

    records: CrmBatch = NO_RECORDS
    milestones: MilestoneBatch = NO_MILESTONES
    read_at: datetime
    """The wall clock before it: what was written since is no news."""
    since: Cursor | None = None
    whole: bool = False
    failures: tuple[Failure, ...] = ()
    rests: bool = False
    """Nothing was asked, because little of the CRM's allowance is left."""


def look(place: Workplace, as_of: datetime, scope: Scope) -> Look:
    """Everything that changed in the CRM since the last look; once a day everything there is.

    A CRM that cannot be read to its end brings nothing at all: nobody acts on half a look.
    """
    with place.database.reading() as conn:
        since, ticked = cursors.read(conn, cursors.CRM), cursors.read(conn, MILESTONES)
        last_whole = cursors.read(conn, WHOLE)
        resting = scope.accounts is None and rests(conn, as_of)
    read_at = place.wall_clock()
    if resting:
        return Look(read_at=read_at, rests=True)
    whole = place.crm.by_change and not _within(last_whole, as_of, WHOLE_EVERY)
    try:
        records = place.crm.read(None if whole or since is None else since.value)
        milestones = place.crm.read_milestones(None if whole or ticked is None else ticked.value)
    except Unreachable as error:
        return Look(read_at=read_at, failures=unreachable(error))
    return Look(records=records, milestones=milestones, read_at=read_at, since=since, whole=whole)


def unreachable(error: Unreachable) -> tuple[Failure, ...]:
    """A CRM that could not be read, logged and reported."""
    logger.error("the CRM could not be read: %s", error)
    return (Failure(where="the CRM", error=str(error)),)


def overtaken(conn: Connection, found: Look) -> bool:
    """Whether another run took in what changed since this look began: what we read may be older than what is known.
    The next look begins where that run ended. Holds the cursor until the transaction ends."""
    now = cursors.read(conn, cursors.CRM, held=True)
    return (now.value if now else None) != (found.since.value if found.since else None)


def keep_records(conn: Connection, found: Look, as_of: datetime) -> None:
    """The records of this look are taken in."""
    cursors.write(conn, cursors.CRM, found.records.cursor, as_of)
    if found.whole or found.records.complete:
        cursors.write(conn, WHOLE, "", as_of)


def keep_milestones(conn: Connection, batch: MilestoneBatch, nobodys: frozenset[str], as_of: datetime) -> None:
    """The milestone rows of this look are taken back, but for those of onboardings that are ``nobodys`` so far."""
    cursors.write(conn, MILESTONES, batch.cursor, as_of)
    kept = nobodys if batch.looked_at is None else nobodys | _passed(conn)
    cursors.write(conn, PASSED, json.dumps(sorted(kept)), as_of)


def passed_over(conn: Connection) -> bool:
    """Whether milestone rows were nobody's when they were read and are somebody's now: then all are read again."""
    found = bool(openings.known_keys(conn, _passed(conn)))
    if found:
        cursors.forget(conn, MILESTONES)
        cursors.forget(conn, PASSED)
    return found


def _passed(conn: Connection) -> frozenset[str]:
    kept = cursors.read(conn, PASSED)
    return frozenset(json.loads(kept.value)) if kept else frozenset()


def note_allowance(conn: Connection, place: Workplace, as_of: datetime) -> None:
    """Remember what the CRM's last answer said of its allowance."""
    now = place.crm.allowance()
    if now is None:
        return
    cursors.write(conn, ALLOWANCE, json.dumps({"used": now.used, "limit": now.limit, "floor": now.floor}), as_of)


def last_allowance(conn: Connection) -> Allowance | None:
    """What was left of the CRM's allowance when it last said so."""
    kept = cursors.read(conn, ALLOWANCE)
    return Allowance(**json.loads(kept.value)) if kept else None


def rests(conn: Connection, as_of: datetime) -> bool:
    """Whether it is too early to look again, as little of the allowance is left. What is owed is written all the
    same."""
    kept, allowance = cursors.read(conn, ALLOWANCE), last_allowance(conn)
    return allowance is not None and allowance.is_low and _within(kept, as_of, SLOW_EVERY)


def _within(last: Cursor | None, as_of: datetime, span: timedelta) -> bool:
    """Whether it was less than ``span`` ago; a moment ahead of us, as a rehearsal leaves it, counts for nothing."""
    return last is not None and timedelta(0) <= as_of - last.at < span
