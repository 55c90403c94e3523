"""What ``check`` says of the CRM, and what the CRM knows of the people and accounts that the settings name."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.findings import Finding, in_one_line
from cli.named import Known

if TYPE_CHECKING:
    from config.salesforce_login import SalesforceCrm
    from config.settings import Settings
    from onboarding.records import CrmBatch, Problem

SHOWN = 5
"""How many records that are set aside are named; ours."""


def look_at_crm(settings: "Settings") -> tuple[list[Finding], Known | None]:
    """The lines, and None where it cannot be read. Changes nothing there, and needs no database."""
    from config.salesforce_login import SalesforceCrm

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
    from config.mapping import load_mapping
    from tasks.doors import check_input, open_crm
    from tasks.workplace import crm_folder

    check_input(settings)
    with crm_folder(settings, dry=True) as looked, open_crm(looked.crm, load_mapping()) as crm:
        batch = crm.read(None)
    won = [deal for deal in batch.deals if deal.won]
    new = settings.sample is not None and not settings.sample.exists()
    made = " (the sample, made at the first run)" if new else ""
    aside = _aside(_problems(settings, batch))
    found.append(Finding(what="CRM", ok=True, said=f"{settings.crm.place}{made}: {len(won)} won deals{aside}"))
    piloted = settings.only_accounts or frozenset()
    return Known(
        users=frozenset(user.email.casefold() for user in batch.users if user.active and user.email),
        accounts=frozenset(account.id for account in batch.accounts),
        won_deals=sum(deal.account_id in piloted for deal in won),
    )


def _problems(settings: "Settings", batch: "CrmBatch") -> "Sequence[Problem]":
    """What a run would set aside, references included; what the files alone tell where there is no telling more."""
    from tasks.intake import look_over
    from tasks.workplace import open_workplace

    try:
        with open_workplace(settings, dry=True) as place:
            return look_over(place, batch, datetime.now(UTC))
    except Exception:  # the database, a playbook: each is told on a line of its own
        return batch.problems


def _aside(problems: "Sequence[Problem]") -> str:
    """How much is to be set aside, and the first of it: the run names all."""
    if not problems:
        return ""
    records = len({(one.source, one.record) for one in problems})
    told = [f"{one.source}, {one.record}: {one.field}: {one.problem}" for one in problems[:SHOWN]]
    more = " ..." if len(problems) > SHOWN else ""
    return f", {records} record{'' if records == 1 else 's'} to be set aside ({'. '.join(told)}{more})"


def _org(settings: "Settings", choice: "SalesforceCrm", found: list[Finding]) -> Known | None:
    from config.mapping import load_mapping
    from config.team import load_team
    from tasks.doors import inspect_crm, known_in_org

    for ok, said in inspect_crm(choice, load_mapping()):
        found.append(Finding(what="CRM", ok=ok, said=said))
    if not found[0].ok:
        return None
    try:
        addresses = [member.email for member in load_team(settings.team).members]
    except Exception:
        addresses = []  # the line of the team file tells what is wrong with it
    users, accounts = known_in_org(choice, addresses, settings.only_accounts or frozenset())
    return Known(users=users, accounts=accounts)
