"""The check of the CRM, and which people and accounts that the settings name it has."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.check.findings import Finding, in_one_line
from cli.check.named import Known

if TYPE_CHECKING:
    from config.settings.load import Settings
    from config.settings.salesforce_login import SalesforceCrm
    from onboarding.model.crm_records import CrmBatch, Problem

WRITTEN = (
    "Onboarding__c and Onboarding_Milestone__c alone in the CRM; goals and people learned on the way stand in Goals__c "
    "and People__c of Onboarding__c, not as contacts or deals"
)
"""What first90 changes in a CRM (SX-14)."""
SHOWN = 5
"""How many set-aside records are named. Our choice."""


def look_at_crm(settings: "Settings") -> tuple[list[Finding], Known | None]:
    """Return the findings, and what the CRM has (None where it cannot be read). Changes nothing there, and needs no
    database."""
    from config.settings.salesforce_login import SalesforceCrm

    found: list[Finding] = []
    try:
        if isinstance(settings.crm, SalesforceCrm):
            known = _org(settings, settings.crm, found)
        else:
            known = _folder(settings, found)
    except Exception as error:
        return [*found, Finding(what="CRM", ok=False, said=in_one_line(error))], None
    return found, known


def _folder(settings: "Settings", found: list[Finding]) -> Known:
    from tasks.runtime.adapters import check_input

    check_input(settings)
    return _records(settings, found, frozenset())


def _records(settings: "Settings", found: list[Finding], more_accounts: frozenset[str]) -> Known:
    """Add the finding on a whole reading. ``more_accounts``: ids of accounts that exist beside those of the reading."""
    batch, problems = _reading(settings)
    won = [deal for deal in batch.deals if deal.won]
    new = settings.sample is not None and not settings.sample.exists()
    made = " (the sample, made at the first run)" if new else ""
    said = f"{settings.crm.place}{made}: {len(won)} won deals{_aside(problems)}"
    found += [Finding(what="CRM", ok=True, said=said), Finding(what="writes", ok=True, said=WRITTEN)]
    piloted = settings.only_accounts or frozenset()
    return Known(
        users=frozenset(user.email.casefold() for user in batch.users if user.active and user.email),
        accounts=more_accounts.union(account.id for account in batch.accounts),
        won_deals=sum(deal.account_id in piloted for deal in won),
    )


def _reading(settings: "Settings") -> "tuple[CrmBatch, Sequence[Problem]]":
    """Return a whole reading, and what a run would set aside of it: with loose references where there is a database to
    find them in, else from the records only."""
    from contextlib import ExitStack

    from config.company.mapping import load_mapping
    from tasks.intake.sources import problems_of
    from tasks.runtime.adapters import open_crm
    from tasks.runtime.context import crm_folder, open_run_context

    with ExitStack() as opened:
        try:
            context = opened.enter_context(open_run_context(settings, dry=True))
        except Exception:  # the database, a playbook: each has a finding of its own
            looked = opened.enter_context(crm_folder(settings, dry=True))
            batch = opened.enter_context(open_crm(looked.crm, load_mapping(), settings.crm_since)).read(None)
            return batch, batch.problems
        batch = context.crm.read(None)
        return batch, problems_of(context, batch, datetime.now(UTC))


def _aside(problems: "Sequence[Problem]") -> str:
    """Return how many records are to be set aside, and the first of them; the run names all."""
    if not problems:
        return ""
    records = len({(one.source, one.record) for one in problems})
    told = [f"{one.source}, {one.record}: {one.field}: {one.problem}" for one in problems[:SHOWN]]
    more = " ..." if len(problems) > SHOWN else ""
    return f", {records} record{'' if records == 1 else 's'} to be set aside ({'. '.join(told)}{more})"


def _org(settings: "Settings", choice: "SalesforceCrm", found: list[Finding]) -> Known | None:
    from config.company.mapping import load_mapping
    from tasks.runtime.adapters import accounts_in_org, inspect_crm

    for ok, said in inspect_crm(choice, load_mapping()):
        found.append(Finding(what="CRM", ok=ok, said=said))
    if not all(line.ok for line in found[:2]):
        return None
    pilot = settings.only_accounts
    return _records(settings, found, accounts_in_org(choice, pilot) if pilot else frozenset())
