"""Another CRM or another way for mail than before: what was agreed with the old one holds there alone."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from database import key_values
from database.crm import problems, written_rows
from database.onboardings import openings
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from tasks.runtime.context import RunContext

OBJECTS = (
    *("User", "Account", "Contact", "Opportunity", "OpportunityContactRole", "CurrencyType", "DatedConversionRate"),
    *("Onboarding__c", "Onboarding_Milestone__c"),
)
CRM, MAIL = "crm_in_use", "mail_in_use"
SETTLED = timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS)
"""After so long, whatever a dead worker left was announced by the way in use now."""


def note_crm(conn: Connection, context: RunContext, as_of: datetime) -> None:
    """Have every row written to a CRM that is another one than before, as far as it shows the deals.

    Within the transaction that took in what it shows. Safe to repeat.
    """
    kept, used = key_values.read(conn, CRM), context.crm.identity()
    if kept is not None and kept.value == used:
        return
    key_values.write(conn, CRM, used, as_of)
    if kept is not None:
        because = f"all rows are written again: the CRM was another one before {context.settings.crm.place}"
        _end_problems_of_other(conn, context, as_of)
        openings.touch(conn, written_rows.owe_everything(conn, because=because, by="first90", at=as_of), as_of)


def _end_problems_of_other(conn: Connection, context: RunContext, as_of: datetime) -> None:
    """What was set aside of the other kind of CRM (a file, or an object of an org) is nobody's to mend any more."""
    names = {f"{name}{end}" for name in OBJECTS for end in ("", ".csv")}
    others = names.difference(map(context.crm.source, OBJECTS))
    for references in (False, True):
        problems.note_problems(conn, (), as_of, others, references=references)


def is_another_way(conn: Connection, context: RunContext, real_now: datetime) -> bool:
    """Whether what may have arrived, may have left by another way for mail than the one in use.

    The new one cannot be asked about it, and knows none of its keys. An operator who chose to send again in doubt has
    decided that already.
    """
    kept, used = key_values.read(conn, MAIL), context.settings.mail.place
    if kept is None or kept.value != used:
        kept_at = real_now if kept is not None else real_now - SETTLED
        key_values.write(conn, MAIL, used, kept_at)
    else:
        kept_at = kept.at
    return real_now < kept_at + SETTLED and context.settings.mail_in_doubt != "resend"
