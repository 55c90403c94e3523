"""Stores a large reading of the CRM part by part, each in a transaction of its own, and tells how far it has come.

The cursor moves with the last part. Until then the database says that a reading is half stored: no deal is opened, and
whoever reads next reads whole. So a run that is killed between two parts is repeated, and finds its records unchanged.
"""

import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from database import key_values
from database.bulk import collector_resting
from database.crm import upsert, written_rows
from onboarding.crm.parts import Absent, is_large, parts
from onboarding.model.crm_records import CrmAccount, CrmBatch, CrmContact, CrmDeal, CrmUser
from tasks.intake import crm_poll
from tasks.intake.crm_poll import CrmReading
from tasks.intake.crm_upsert import take_in
from tasks.progress import Progress
from tasks.runtime.context import RunContext


class Stored(NamedTuple):
    """What is left to store of a reading after all parts but the last; None where there is nothing, or where another
    run overtook this one."""

    last: CrmBatch | None
    token: str = ""
    """What the database holds for this reading while it is half stored."""
    changed: int = 0
    """How many onboardings the stored parts concern."""


def store_all_but_last(context: RunContext, seen: CrmReading, as_of: datetime) -> Stored:
    """Store a reading but for its last part, which the caller's transaction stores. Safe to repeat."""
    batch = seen.records
    if batch.unchanged or not is_large(batch):
        return Stored(None if batch.unchanged else batch)
    with context.database.reading() as conn:
        absent = _absent(conn, batch) if batch.complete else Absent()
    left = parts(batch, absent)
    token, changed = "", 0
    told = Progress("the CRM: {done:,} of {total:,} accounts stored", len(batch.accounts))
    part = next(left)
    for following in left:
        with context.database.writing() as conn, collector_resting():
            if crm_poll.overtaken(conn, seen, token):
                return Stored(None, changed=changed)
            if not token:
                token = uuid.uuid4().hex
                key_values.write(conn, key_values.HALF_STORED, token, as_of)
            changed += take_in(conn, context, part, as_of)
        told.advance(len(part.accounts))
        part = following
    return Stored(part, token, changed)


def _absent(conn: Connection, batch: CrmBatch) -> Absent:
    """Return what is stored and this whole reading lacks."""
    shown = (
        (CrmUser, batch.users),
        (CrmAccount, batch.accounts),
        (CrmContact, batch.contacts),
        (CrmDeal, batch.deals),
    )
    records: set[str] = set()
    for kind, there in shown:
        records |= upsert.missing(conn, kind, {one.id for one in there} | batch.unreadable)
    held = {row.key for row in batch.onboardings}
    return Absent(records, set(written_rows.strangers(conn).values()) - held)
