"""Sets records aside whose references lead nowhere, with place and mend; they end by themselves once mended."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.crm import problems, references
from database.crm.references import Loose
from onboarding.model.crm_records import LEADS_NOWHERE, Problem
from tasks.runtime.context import RunContext

_FIT = "crm_references"
"""The key that holds for which deals references were last checked."""
MEND = "let first90 see that record (export it, give the right to read it), or correct the reference"


def note_references(conn: Connection, context: RunContext, since: datetime, as_of: datetime, *, changed: bool) -> None:
    """Check the references of deals signed at or after ``since`` in the pilot, where records or these limits changed.

    Call it in the transaction that took records in, after deals were opened. Safe to repeat.
    """
    pilot = context.settings.only_accounts
    fit = f"{since.isoformat()} {'all' if pilot is None else ' '.join(sorted(pilot))}"
    kept = key_values.read(conn, _FIT)
    if not changed and kept is not None and kept.value == fit:
        return
    found = [_problem(context, one) for one in references.loose(conn, since, pilot)]
    sources = {context.crm.source(name) for name in ("User", "Account", "Opportunity", "OpportunityContactRole")}
    problems.note_problems(conn, found, as_of, sources, references=True)
    key_values.write(conn, _FIT, fit, as_of)


def _problem(context: RunContext, one: Loose) -> Problem:
    holder, field, target = _fields(context)[one.kind]
    there = context.crm.source(target)
    role = f" (named as {one.said})" if one.said else ""
    told = f"{LEADS_NOWHERE}: {there} has no {one.target}{role}; {MEND}"
    return Problem(source=context.crm.source(holder), record=one.record, field=field, problem=told)


def _fields(context: RunContext) -> Mapping[str, tuple[str, str, str]]:
    """Return by kind of reference: the object that holds it, its field there, the object it leads to."""
    return {
        references.ACCOUNT_OF: ("Opportunity", "AccountId", "Account"),
        references.SELLER: ("Opportunity", "OwnerId", "User"),
        references.KEEPER: ("Account", "OwnerId", "User"),
        references.CSM: ("Account", context.mapping.read.account.csm or "", "User"),
        references.SPECIALIST: ("Account", context.mapping.read.account.onboarding_specialist or "", "User"),
        references.CONTACT: ("OpportunityContactRole", "ContactId", "Contact"),
        references.MANAGER: ("User", "ManagerId", "User"),
    }
