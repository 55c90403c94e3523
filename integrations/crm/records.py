"""One CRM row of each object as a record: standard fields under Salesforce's names, others by the mapping."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import TypeVar

from config.company.mapping import KEY, CrmMapping, OpportunityFields, WonWhen
from config.files.mistakes import nearest
from integrations.crm import buying, names, places
from integrations.crm import rates as crm_rates
from integrations.crm.cells import CellError, Cells
from integrations.crm.places import ACCOUNT, CONTACT, USER, Note, address
from onboarding.facts.currencies import Rates
from onboarding.facts.goal_values import GOAL_WORTH
from onboarding.metrics.contracts import CONTRACT_END, contract_end
from onboarding.model.crm_records import (
    CrmAccount,
    CrmContact,
    CrmContactRole,
    CrmDeal,
    CrmOnboarding,
    CrmUser,
    HalfDeal,
)
from onboarding.model.identity import salesforce_id, web_domain
from onboarding.model.vocabulary import HandoffItem, Tier
from onboarding.people.buying import BUYERS
from onboarding.people.placeholders import is_placeholder

T = TypeVar("T")
NO_DAY = "is no day, so the contract counts for no renewal; write it like 2026-12-31"
MEANWHILE = "until then its onboardings keep their tier, and new deals of it wait for one"
NO_ADDRESS = "is not one mail address; the person is known but cannot be written to"


def user(row: Cells, mapping: CrmMapping) -> CrmUser:
    """Return the record of a row of ``User``."""
    email = row.address("Email")
    called, place = names.of(row, email), address(row, *USER)
    return CrmUser(
        id=row.id("Id"),
        name=called.full,
        called=called.called,
        email=email,
        active=row.flag("IsActive") if row.text("IsActive") else True,
        manager_id=row.reference("ManagerId"),
        zone=row.zone("TimeZoneSidKey") or place.zone,
        country=place.country,
    )


def account(row: Cells, mapping: CrmMapping) -> CrmAccount:
    """Return the record of a row of ``Account``. One of a tier without a playbook keeps the tier that it has, because
    all else that the row says still counts, such as that the customer left; ``notes`` reports it."""
    fields = mapping.read.account
    tier, unknown = _tier(row, mapping)
    place = address(row, *ACCOUNT)
    return CrmAccount(
        id=row.id("Id"),
        name=_company(row),
        owner_id=row.reference("OwnerId"),
        csm_id=row.reference(fields.csm),
        specialist_id=row.reference(fields.onboarding_specialist),
        country=place.country,
        zone=row.zone(fields.zone) or place.zone,
        domain=web_domain(row.text("Website")),
        industry=row.line("Industry") or None,
        tier=Tier(tier) if tier and not unknown else None,
        unknown_tier=tier if unknown else "",
        churned_on=row.day(fields.churned_on),
        language=names.language(row, fields.language),
        fields=row.given(fields.fields),
    )


def _tier(row: Cells, mapping: CrmMapping) -> tuple[str, bool]:
    """Return the tier that an account's row names, or "", and whether there is no playbook of it."""
    tier = row.text(mapping.read.account.tier).lower()
    return tier, bool(tier) and mapping.tiers is not None and tier not in mapping.tiers


def contact(row: Cells, mapping: CrmMapping) -> CrmContact:
    """Return the record of a row of ``Contact``, which may be without an account.

    An invalid address, and an unreadable word on whether they took part in buying, are left out; ``notes`` reports them
    and the person is kept.
    """
    fields = mapping.read.contact
    email = row.address_if_any("Email")
    called, place = names.of(row, email or ""), address(row, *CONTACT)
    return CrmContact(
        id=row.id("Id"),
        account_id=row.reference("AccountId"),
        name=called.full,
        called=called.called,
        family_name=names.family_name(row) if called.called else "",
        salutation=names.salutation(row),
        language=names.language(row, fields.language),
        email=email,
        title=row.line("Title") or None,
        country=place.country,
        zone=place.zone,
        opted_out=row.flag(fields.opted_out),
        left_on=row.day(fields.left_on),
        profile=row.given({item.value: field for item, field in fields.profile.items()}),
        buyer=buying.bought(row, mapping),
    )


def role(row: Cells, mapping: CrmMapping) -> CrmContactRole:
    """Return the record of a row of ``OpportunityContactRole``."""
    return CrmContactRole(
        deal_id=row.id("OpportunityId"),
        contact_id=row.id("ContactId"),
        role=row.line("Role"),
        primary=row.flag("IsPrimary"),
    )


def deal(row: Cells, mapping: CrmMapping, rates: Rates | None = None) -> CrmDeal:
    """Return the record of a row of ``Opportunity``. Won by the mapping, or by its stage if an export lacks ``IsWon``.

    ``rates`` convert its amount; by default the mapping's own rates.
    """
    fields = mapping.read.opportunity
    stage = row.line("StageName")
    close_on = row.day("CloseDate")
    if close_on is None:
        raise CellError("CloseDate", "is empty")
    amount, currency = row.number("Amount"), crm_rates.code(row, "CurrencyIsoCode") or None
    worth = None if amount is None else (rates or crm_rates.rates(mapping)).worth(amount, currency, close_on)
    handoff = {item: row.lines(getattr(fields, item.value)) for item in HandoffItem}
    return CrmDeal(
        id=row.id("Id"),
        account_id=row.id("AccountId"),
        name=row.line("Name", needed=True),
        won=_won(row, mapping),
        stage_name=stage,
        signed_at=row.instant(fields.signed_at) or datetime.combine(close_on, time(), UTC),
        close_on=close_on,
        owner_id=row.reference("OwnerId"),
        amount=worth,
        price=f"{amount:,.0f} {currency}" if amount is not None and (worth is None or worth != amount) else None,
        existing=_existing(row, mapping),
        seats=row.count(fields.seats),
        product=row.line(fields.product),
        fields=row.given(fields.fields) | _lists(row, fields),
        handoff={item: text for item, text in handoff.items() if text},
        goal_values=row.lines(fields.goal_values),
        kickoff_at=row.instant(fields.kickoff_at),
        go_live_on=row.day(fields.go_live_on),
    )


def _lists(row: Cells, fields: OpportunityFields) -> dict[str, str]:
    """Return those further fields of a deal that are lists, with their lines, each of which is an entry."""
    found = {name: row.lines(fields.fields.get(name)) for name in (BUYERS, GOAL_WORTH)}
    return {name: text for name, text in found.items() if text}


def half_deal(record: str, row: Cells, mapping: CrmMapping) -> HalfDeal:
    """Return the readable parts of an opportunity that ``deal`` refuses."""
    fields = mapping.read.opportunity
    signed_at = _or_none(lambda: row.instant(fields.signed_at) or row.instant("CloseDate"))
    return HalfDeal(
        record=record,
        won=_or_none(lambda: _won(row, mapping) if row.text("StageName") or any(map(row.text, mapping.won)) else None),
        signed_at=signed_at,
        account_id=_or_none(lambda: row.reference("AccountId")),
    )


def _or_none(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except CellError:
        return None


def onboarding(row: Cells, mapping: CrmMapping) -> CrmOnboarding:
    """Return the record of a row of ``Onboarding__c``; its other fields as text under first90's names."""
    fields = mapping.written("Onboarding__c")
    if "Account__c" in fields:
        _check_reference(row, fields["Account__c"].field or "Account__c")
    return CrmOnboarding(
        key=row.id(KEY),
        fields={name: row.ours(field.field or name) for name, field in fields.items()},
    )


def _check_reference(row: Cells, field: str) -> None:
    """Raise CellError for an unreadable account: read as empty, the row would block no account."""
    try:
        if text := row.ours(field):
            salesforce_id(text)
    except ValueError as error:
        raise CellError(field, str(error)) from None


def notes(record: object, row: Cells, mapping: CrmMapping) -> Iterator[Note]:
    """Yield the problems of a record that is accepted all the same, by field."""
    if isinstance(record, CrmContact) and record.email is None and row.text("Email"):
        yield "Email", NO_ADDRESS
    if isinstance(record, CrmDeal) and record.fields.get(CONTRACT_END) and contract_end(record.fields) is None:
        yield mapping.read.opportunity.fields[CONTRACT_END], NO_DAY
    if isinstance(record, CrmAccount) and record.unknown_tier:
        problem = f"is no tier; {nearest(record.unknown_tier, mapping.tiers or ())}, or leave it empty; {MEANWHILE}"
        yield mapping.read.account.tier or "", problem
    yield from buying.notes(record, row, mapping)
    yield from names.language_notes(record, row, mapping)
    yield from places.notes(record, row, mapping)


def _existing(row: Cells, mapping: CrmMapping) -> str | None:
    """Return the field by which a deal says that its customer is an existing one, in words; None if it does not."""
    for name, given in mapping.existing.says.items():
        if row.text(name) and _says(row, name, given):
            return f"its {name} is {row.line(name)}"
    return None


def _won(row: Cells, mapping: CrmMapping) -> bool:
    return all(_says(row, field, given) for field, given in mapping.won.items())


def _says(row: Cells, field: str, given: WonWhen) -> bool:
    if field == "IsWon" and not row.text(field):
        return (row.line("StageName").casefold() == "closed won") is given
    if isinstance(given, bool):
        return row.flag(field) is given
    spelt = row.text(field).casefold()
    return spelt in {one.casefold() for one in ([given] if isinstance(given, str) else given)}


def _company(row: Cells) -> str:
    name = row.line("Name", needed=True)
    if is_placeholder(name):
        raise CellError("Name", f"{name!r} stands for a name that nobody knows; write the company's name")
    return name
