"""Another CRM than before: what was written to the old one is missing there."""

from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.crm import problems, written_rows
from database.onboardings import openings
from tasks.intake.crm_poll import Look
from tasks.runtime.context import RunContext

OBJECTS = (
    *("User", "Account", "Contact", "Opportunity", "OpportunityContactRole", "CurrencyType", "DatedConversionRate"),
    *("Onboarding__c", "Onboarding_Milestone__c"),
)
CRM = "crm_in_use"


def note_crm(conn: Connection, context: RunContext, seen: Look, as_of: datetime) -> None:
    """Have the rows written that a CRM lacks which is another one than before, as far as it shows the deals.

    A folder or an org that was copied holds them already. Within the transaction that took in what was seen. Safe to
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
        written_rows.owe(conn, lacking, because=because, by="first90", at=as_of)
        openings.touch(conn, tuple(sorted(lacking)), as_of)


def _end_problems_of_other(conn: Connection, context: RunContext, as_of: datetime) -> None:
    """What was set aside of the other kind of CRM (a file, or an object of an org) is nobody's to mend any more."""
    names = {f"{name}{end}" for name in OBJECTS for end in ("", ".csv")}
    others = names.difference(map(context.crm.source, OBJECTS))
    for references in (False, True):
        problems.note_problems(conn, (), as_of, others, references=references)
