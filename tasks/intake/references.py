"""Sets records aside whose references lead nowhere, with place and mend; they end by themselves once mended."""

from collections.abc import Mapping, Sequence
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


def references_to_check(conn: Connection, context: RunContext, since: datetime, *, changed: bool) -> str | None:
    """Return for which deals references have to be checked, as records or that changed; None if they need not be."""
    pilot = context.settings.only_accounts
    fit = f"{since.isoformat()} {'all' if pilot is None else ' '.join(sorted(pilot))}"
    kept = key_values.read(conn, _FIT)
    if not changed and kept is not None and kept.value == fit:
        return None
    if kept is not None:
        key_values.forget(conn, _FIT)  # until they are checked
    return fit


def check_references(context: RunContext, fit: str, since: datetime, as_of: datetime) -> None:
    """Check the references of deals signed at or after ``since`` in the pilot, in all that is stored: read first, then
    noted in a short transaction.

    Where another run took in records in between, the next run checks again. Safe to repeat.
    """
    with context.database.reading() as conn:
        before = key_values.read(conn, key_values.CRM)
        found = found_loose(conn, context, since)
    with context.database.writing() as conn:
        if key_values.read(conn, key_values.CRM, held=True) == before:
            note_references(conn, context, found, as_of)
            key_values.write(conn, _FIT, fit, as_of)


def found_loose(conn: Connection, context: RunContext, since: datetime) -> list[Problem]:
    """Return a problem for each reference that leads nowhere, of deals signed at or after ``since`` in the pilot."""
    return [_problem(context, one) for one in references.loose(conn, since, context.settings.only_accounts)]


def note_references(conn: Connection, context: RunContext, found: Sequence[Problem], as_of: datetime) -> None:
    """Store these as the references that lead nowhere at present."""
    sources = {context.crm.source(name) for name in ("User", "Account", "Opportunity", "OpportunityContactRole")}
    problems.note_problems(conn, found, as_of, sources, references=True)


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
