"""Resolves the accounts that a person names for a run: known ones, and those that only the CRM has so far."""

from collections.abc import Sequence

from database.onboardings import openings
from database.onboardings.lookup import NotFound, find_onboarding
from onboarding.model.crm_records import CrmBatch
from onboarding.model.identity import salesforce_id
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def accounts_meant(context: RunContext, wanted: Sequence[str]) -> frozenset[str]:
    """Return the account ids (18 characters) meant by account ids, deal ids or names. Raises Refused or Unreachable.

    The CRM is read only for names without an onboarding: before a customer's first run.
    """
    found: set[str] = set()
    unknown: list[str] = []
    with context.database.reading() as conn:
        for one in wanted:
            try:
                key = find_onboarding(conn, one)
            except NotFound:
                unknown.append(one)
                continue
            found.add(openings.accounts_of(conn, [key])[key])
    if unknown:
        batch = context.crm.read(None)
        found.update(_in_crm(batch, one) for one in unknown)
    return frozenset(found)


def _in_crm(batch: CrmBatch, wanted: str) -> str:
    text = wanted.strip()
    try:
        record = salesforce_id(text)
    except ValueError:
        record = text
    accounts = [one.id for one in batch.accounts if record == one.id or text.casefold() == one.name.casefold()]
    accounts += [deal.account_id for deal in batch.deals if deal.id == record]
    meant = sorted(set(accounts))
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise Refused(f"{text!r} is no account or deal of the CRM; give an id or an account's full name")
    raise Refused(
        f"{len(meant)} accounts are called {text!r}; give the account id instead, one of: {', '.join(meant[:5])}"
    )
