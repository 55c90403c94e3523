"""The objects and fields of an org that are read: optional ones that it lacks or hides are left out and reported."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.company.mapping import KEY, CrmMapping
from integrations.crm.line_items import LINE_ITEM, PRODUCT
from integrations.ports import Unreachable
from integrations.salesforce.api.errors import RequestRefused
from integrations.salesforce.api.session import Session
from onboarding.model.crm_records import Problem

ONBOARDING, MILESTONE = "Onboarding__c", "Onboarding_Milestone__c"
OURS = (ONBOARDING, MILESTONE)
SOURCES = ("User", "Account", "Contact", "Opportunity", "OpportunityContactRole", ONBOARDING)
"""The objects of one read of records, as its problems name them."""


@dataclass(frozen=True, slots=True)
class WantedFields:
    """The fields of an object: ``needed`` ones are required; a missing one of ``also`` is reported; ``maybe`` ones
    exist in some orgs only and are not reported."""

    needed: tuple[str, ...]
    also: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter((*self.needed, *self.also, *self.maybe))


RATES = ("CurrencyType", "DatedConversionRate")
"""Conversion rates, in an org with several currencies; the second if it has dated rates."""
AMOUNT, CURRENCY, KIND = "Amount", "CurrencyIsoCode", "Type"
NAMES = ("FirstName", "LastName")
STAMPED = ("Id", "SystemModstamp")


def wanted(mapping: CrmMapping) -> dict[str, WantedFields]:
    """Return all fields that are read, by object."""
    deal, account, contact = mapping.read.opportunity, mapping.read.account, mapping.read.contact
    return {
        "User": WantedFields(
            (*STAMPED, "Name", "Email", "IsActive"),
            ("ManagerId", "TimeZoneSidKey", "Country"),
            ("CountryCode", "State", "StateCode", "UserType", *NAMES),
        ),
        "Account": WantedFields(
            (*STAMPED, "Name", "OwnerId"),
            ("Website", "Industry", "BillingCountry", "BillingState", *_given(account)),
            ("BillingCountryCode", "BillingStateCode", *_address("Shipping"), "MasterRecordId"),
        ),
        "Contact": WantedFields(
            (*STAMPED, "AccountId", "Name", "Email"),
            ("Title", "MailingCountry", "MailingState", *_given(contact)),
            ("MailingCountryCode", "MailingStateCode", *_address("Other"), "MasterRecordId", "Salutation", *NAMES),
        ),
        "Opportunity": WantedFields(
            (*STAMPED, "AccountId", "Name", "CloseDate", "StageName", "OwnerId", *mapping.won),
            (AMOUNT, *_given(deal), *(name for name in mapping.existing.says if name != KIND)),
            (CURRENCY, KIND),
        ),
        "OpportunityContactRole": WantedFields((*STAMPED, "OpportunityId", "ContactId", "Role", "IsPrimary")),
        "CurrencyType": WantedFields(("Id", "IsoCode", "ConversionRate", "IsCorporate")),
        "DatedConversionRate": WantedFields(("Id", "IsoCode", "StartDate", "ConversionRate")),
        LINE_ITEM: WantedFields((*STAMPED, "OpportunityId"), _own(mapping)),
        **{name: WantedFields((*STAMPED, KEY), _written(mapping, name)) for name in OURS},
    }


def _own(mapping: CrmMapping) -> tuple[str, ...]:
    """Return the fields of a line item itself that name its product."""
    return tuple(name for name in mapping.read.line_item.products if "." not in name)


def _address(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{what}{code}" for what in ("Country", "State") for code in ("", "Code"))


def _given(fields: Any) -> tuple[str, ...]:
    """Return the names of an object's fields in the mapping, also of those that stand in a table of their own."""
    named = (value for _, value in fields if value)
    return tuple(name for value in named for name in ((value,) if isinstance(value, str) else value.values()))


def _written(mapping: CrmMapping, name: str) -> tuple[str, ...]:
    return tuple(field.field or ours for ours, field in mapping.written(name).items())


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields to select, by object; an object of first90 that the org lacks is left out."""

    fields: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    def has(self, sobject: str, name: str = "Id") -> bool:
        """Return whether the org shows an object, or a field of it."""
        return name in self.fields.get(sobject, ())


def describe_objects(session: Session, mapping: CrmMapping, sobjects: Sequence[str]) -> Shape:
    """Describe these objects, one call each, and return the fields to select.

    Raise Unreachable, naming all of them, if a required object or field of the CRM is missing; Refused if a call
    fails.
    """
    fields: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    lacking: list[str] = []
    for sobject in sobjects:
        asked = wanted(mapping)[sobject]
        told = described(session, sobject)
        shown = fields_of(told) if told is not None else None
        if shown is None:
            missing: Sequence[str] = asked.needed if sobject not in OURS else ()
            if sobject in OURS:
                problems.append(
                    _problem(sobject, "", "is not in this org, or hidden from this user: install the package")
                )
        else:
            missing = [name for name in asked.needed if name not in shown]
            fields[sobject] = asked_of(asked, shown)
            problems += [_problem(sobject, name, ABSENT) for name in asked.also if name not in shown]
        lacking += [sobject if shown is None else f"{sobject}.{name}" for name in missing]
    if CURRENCY in fields.get("Opportunity", ()):
        for sobject in RATES:
            told = described(session, sobject)
            if told is not None:
                fields[sobject] = asked_of(wanted(mapping)[sobject], fields_of(told))
        if RATES[0] not in fields:
            problems.append(_problem(RATES[0], "", NO_RATES))
    if mapping.read.line_item.products and "Opportunity" in sobjects:
        problems += _describe_line_items(session, mapping, fields)
    if lacking:
        names = ", ".join(dict.fromkeys(lacking))
        raise Unreachable(f"Salesforce shows this user no {names}: give the user the right to read it")
    return Shape(fields, tuple(problems))


def _describe_line_items(
    session: Session, mapping: CrmMapping, fields: dict[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """Add the fields of line items, with those of their products; yield what the org hides, as it is done without."""
    told = described(session, LINE_ITEM)
    if told is None:
        yield _problem(LINE_ITEM, "", ABSENT)
        return
    asked, shown = wanted(mapping)[LINE_ITEM], fields_of(told)
    fields[LINE_ITEM] = asked_of(asked, shown)
    yield from (_problem(LINE_ITEM, name, ABSENT) for name in asked.also if name not in shown)
    behind = [name for name in mapping.read.line_item.products if "." in name]
    product = described(session, PRODUCT) if behind else None
    there = fields_of(product) if product else {}
    fields[LINE_ITEM] += tuple(name for name in behind if name.partition(".")[2] in there)
    if behind and product is None:
        yield _problem(PRODUCT, "", ABSENT)
    elif product is not None:
        named = (name.partition(".")[2] for name in behind)
        yield from (_problem(PRODUCT, name, ABSENT) for name in named if name not in there)


def asked_of(asked: WantedFields, shown: Collection[str]) -> tuple[str, ...]:
    """Return the fields to select of an object, each once."""
    return tuple(dict.fromkeys(name for name in asked if name in shown))


NO_RATES = (
    "is hidden from this user: amounts in other currencies count by the rates under currencies in config/mapping.yaml, "
    "and where they have none a person decides the tier"
)
ABSENT = "is not in this org, or hidden from this user; done without"


def described(session: Session, sobject: str) -> Mapping[str, Any] | None:
    """Return the describe of an object for this user; None if it is not visible."""
    try:
        return session.describe(sobject)
    except RequestRefused as error:
        if error.status != 404:
            raise
        return None


def fields_of(shown: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the fields of a described object by name."""
    return {one["name"]: one for one in shown["fields"]}


def _problem(sobject: str, name: str, told: str) -> Problem:
    return Problem(source=sobject, record="", field=name, problem=told)
