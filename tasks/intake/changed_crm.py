"""Handles a changed CRM: the rows that were written to the old one are missing in the new one."""

from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.crm import problems, written_rows
from database.onboardings import openings
from tasks.intake.crm_poll import CrmReading
from tasks.runtime.context import RunContext

OBJECTS = (
    *("User", "Account", "Contact", "Opportunity", "OpportunityContactRole", "CurrencyType", "DatedConversionRate"),
    *("OpportunityLineItem", "Product2", "Onboarding__c", "Onboarding_Milestone__c"),
)
CRM = "crm_in_use"


def note_crm(conn: Connection, context: RunContext, seen: CrmReading, as_of: datetime) -> None:
    """Plan the rows that the CRM lacks to be written, where it is another one than before and holds their deals.

    A folder or an org that was copied holds them already. Call it in the transaction that took in ``seen``. Safe to
    repeat.
    """
    kept, used = key_values.read(conn, CRM), context.crm.identity()
    if kept is not None and kept.value == used:
        return
    key_values.write(conn, CRM, used, as_of)
    if kept is not None:
        because = f"written again: the CRM was another one before {context.settings.crm.place}, which lacks it"
        _end_problems_of_other(conn, context, as_of)
        held = {row.key for row in seen.records.onboardings} | {row.key for row in seen.milestones.milestones}
        lacking = written_rows.lacking(conn, held)
        written_rows.plan_writes(conn, lacking, because=because, by="first90", at=as_of)
        openings.touch(conn, tuple(sorted(lacking)), as_of)


def _end_problems_of_other(conn: Connection, context: RunContext, as_of: datetime) -> None:
    """End the set-aside records of the other kind of CRM (a file, or an object of an org): none can be mended now."""
    names = {f"{name}{end}" for name in OBJECTS for end in ("", ".csv")}
    others = names.difference(map(context.crm.source, OBJECTS))
    for references in (False, True):
        problems.note_problems(conn, (), as_of, others, references=references)
