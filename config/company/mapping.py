"""The mapping file: which CRM field holds which value, contact roles, and who may write which field."""

from collections.abc import Collection
from collections.abc import Mapping as Table
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from config.files.documents import read_document
from config.settings import locations
from onboarding.model.parties import ProfileItem
from onboarding.model.vocabulary import CustomerRole, Tier

BUNDLED = locations.BUNDLED / "mapping.yaml"
KEY = "First90_Key__c"

ApiName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
ProductField = Annotated[str, Field(pattern=r"^(Product2\.)?[A-Za-z][A-Za-z0-9_]{0,79}$")]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
IsoCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
WonWhen = bool | str | tuple[str, ...]
"""The value of a field on a won deal: this, or one of these."""


class Model(BaseModel):
    """A part of the file: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Direction(StrEnum):
    """The side whose value holds in a field that first90 also writes."""

    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"


class OpportunityFields(Model):
    """Fields of the deal. None: not read."""

    signed_at: ApiName | None = None
    seats: ApiName | None = None
    product: ApiName | None = None
    kickoff_at: ApiName | None = None
    go_live_on: ApiName | None = None
    goals: ApiName | None = None
    success_metrics: ApiName | None = None
    commitments: ApiName | None = None
    technical_requirements: ApiName | None = None
    timeline: ApiName | None = None
    goal_values: ApiName | None = None
    fields: Table[FieldName, ApiName] = Field(default_factory=dict)
    """Further fields that conditions of playbooks may ask for, by names of the operator's own."""


class AccountFields(Model):
    """Fields of the account. None: not read."""

    csm: ApiName | None = None
    onboarding_specialist: ApiName | None = None
    zone: ApiName | None = None
    tier: ApiName | None = None
    churned_on: ApiName | None = None
    language: ApiName | None = None
    fields: Table[FieldName, ApiName] = Field(default_factory=dict)
    """As of the deal."""


class ContactFields(Model):
    """Fields of the contact. None: not read."""

    left_on: ApiName | None = None
    opted_out: ApiName | None = None
    language: ApiName | None = None
    profile: Table[ProfileItem, ApiName] = Field(default_factory=dict)
    """What matters to the person: priorities, concerns, pain points, what success is to them."""
    buyer: ApiName | None = None
    """A yes or no: whether the person took part in buying."""


class LineItemFields(Model):
    """Fields of a deal's line items."""

    products: tuple[ProductField, ...] = ()
    """Those whose values name what was bought; empty: no line items are read."""


class ReadFields(Model):
    """The fields that are read besides the standard ones, by Salesforce's object names."""

    opportunity: OpportunityFields = Field(default=OpportunityFields(), alias="Opportunity")
    account: AccountFields = Field(default=AccountFields(), alias="Account")
    contact: ContactFields = Field(default=ContactFields(), alias="Contact")
    line_item: LineItemFields = Field(default=LineItemFields(), alias="OpportunityLineItem")

    @property
    def condition_fields(self) -> frozenset[str]:
        """Return the names of the fields that conditions of playbooks may ask for, without those always known."""
        return frozenset(self.account.fields) | frozenset(self.opportunity.fields)


class WrittenField(Model):
    """A field that first90 writes. ``field`` is its name in the CRM; None: the same as first90's."""

    field: ApiName | None = None
    direction: Direction

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"direction": given} if isinstance(given, str) else given


class WriteFields(Model):
    """The fields of the two objects that first90 writes."""

    onboarding: Table[ApiName, WrittenField] = Field(alias="Onboarding__c")
    milestone: Table[ApiName, WrittenField] = Field(alias="Onboarding_Milestone__c")

    @model_validator(mode="after")
    def _one_field_each(self) -> Self:
        for fields in (self.onboarding, self.milestone):
            names = [field.field or name for name, field in fields.items()]
            twice = sorted({name for name in [*names, KEY] if [*names, KEY].count(name) > 1})
            if twice:
                raise ValueError(f"two facts cannot share a field: {', '.join(twice)}")
        return self


class ExistingCustomers(Model):
    """Which won deals are of existing customers, and what to do with them if no onboarding is live."""

    says: Table[ApiName, WonWhen] = Field(default_factory=dict)
    """One matching line is enough."""
    earlier_deals: bool = True
    """Whether an earlier won deal of the same account counts too, however old."""
    then: Literal["ask", "adopt", "extend", "open"] = "ask"


class Currencies(Model):
    """Conversion rates, if the CRM has several currencies."""

    own: IsoCode | None = None
    rates: Table[IsoCode, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)


class CrmMapping(Model):
    """The mapping file."""

    read: ReadFields = ReadFields()
    won: Table[ApiName, WonWhen] = Field(default={"IsWon": True}, min_length=1)
    """All of these must hold on a deal that opens an onboarding."""
    existing: ExistingCustomers = ExistingCustomers()
    currencies: Currencies = Currencies()
    roles: Table[str, CustomerRole | None] = Field(default_factory=dict)
    primary_without_role: CustomerRole | None = None
    write: WriteFields
    _tiers: tuple[Tier, ...] | None = PrivateAttr(default=None)

    @property
    def tiers(self) -> tuple[Tier, ...] | None:
        """Return the tiers that an account may be given in the CRM; None where any name will do."""
        return self._tiers

    def for_tiers(self, tiers: Collection[Tier]) -> Self:
        """Return the mapping of an installation with these tiers, those of which it has a playbook."""
        made = self.model_copy()
        made._tiers = tuple(tiers)
        return made

    @property
    def fingerprint(self) -> str:
        """Return a text of all that decides how records are read: after a change of it they are read anew."""
        return f"{self.model_dump_json()}{'' if self._tiers is None else sorted(self._tiers)}"

    def role_of(self, text: str, *, primary: bool = False) -> CustomerRole | None:
        """Return the customer role of a contact role as the CRM spells it, in any case; None if it has none.

        A primary contact without a role gets ``primary_without_role``.
        """
        spelt = " ".join(text.split()).casefold()
        if not spelt:
            return self.primary_without_role if primary else None
        for name, role in self.roles.items():
            if name.casefold() == spelt:
                return role
        own = spelt.replace(" ", "_").replace("-", "_")
        return CustomerRole(own) if own in set(CustomerRole) else None

    def written(self, crm_object: str) -> Table[str, WrittenField]:
        """Return the fields of one of the two objects by first90's names. Raise KeyError for another object."""
        return {"Onboarding__c": self.write.onboarding, "Onboarding_Milestone__c": self.write.milestone}[crm_object]


def load_mapping(path: Path = BUNDLED) -> CrmMapping:
    """Return the content of the mapping file. Raise DocumentError with file, line, field and remedy."""
    return read_document(path, CrmMapping)
