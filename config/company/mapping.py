"""Which CRM field holds which fact, which contact role is which of ours, and who may write what."""

from collections.abc import Mapping as Table
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.files.documents import read_document
from onboarding.model.vocabulary import CustomerRole

BUNDLED = Path(__file__).parent.with_name("mapping.yaml")
KEY = "First90_Key__c"

ApiName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
IsoCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
WonWhen = bool | str | tuple[str, ...]
"""What a field says on a deal that is won: this, or one of these."""


class Model(BaseModel):
    """A part of the file: frozen, and an unknown field is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Direction(StrEnum):
    """Whose word counts in a field that we also write."""

    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"


class OpportunityFields(Model):
    """Facts on the deal. None: not read."""

    signed_at: ApiName | None = None
    seats: ApiName | None = None
    kickoff_at: ApiName | None = None
    go_live_on: ApiName | None = None
    goals: ApiName | None = None
    success_metrics: ApiName | None = None
    commitments: ApiName | None = None
    technical_requirements: ApiName | None = None
    timeline: ApiName | None = None


class AccountFields(Model):
    """Facts on the customer."""

    csm: ApiName | None = None
    zone: ApiName | None = None
    tier: ApiName | None = None
    churned_on: ApiName | None = None


class ContactFields(Model):
    """Facts on the customer's people."""

    left_on: ApiName | None = None
    opted_out: ApiName | None = None


class ReadFields(Model):
    """Everything that is read besides the standard fields, by Salesforce's object names."""

    opportunity: OpportunityFields = Field(default=OpportunityFields(), alias="Opportunity")
    account: AccountFields = Field(default=AccountFields(), alias="Account")
    contact: ContactFields = Field(default=ContactFields(), alias="Contact")


class WrittenField(Model):
    """A field of ours in the CRM. ``field`` is its name there; None: the same as ours."""

    field: ApiName | None = None
    direction: Direction

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"direction": given} if isinstance(given, str) else given


class WriteFields(Model):
    """The two objects that we write."""

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
    """Which won deals are of customers from before, and what becomes of them where no onboarding is live."""

    says: Table[ApiName, WonWhen] = Field(default_factory=dict)
    """One of these lines is enough."""
    earlier_deals: bool = True
    """Whether an earlier won deal of the same account says so too, however old."""
    then: Literal["ask", "adopt", "extend", "open"] = "ask"


class Currencies(Model):
    """What amounts are worth, where the CRM has several currencies."""

    own: IsoCode | None = None
    rates: Table[IsoCode, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)


class CrmMapping(Model):
    """The mapping file."""

    read: ReadFields = ReadFields()
    won: Table[ApiName, WonWhen] = Field(default={"IsWon": True}, min_length=1)
    """All of it holds on a deal that begins an onboarding."""
    existing: ExistingCustomers = ExistingCustomers()
    currencies: Currencies = Currencies()
    roles: Table[str, CustomerRole | None] = Field(default_factory=dict)
    primary_without_role: CustomerRole | None = None
    write: WriteFields

    def role_of(self, text: str, *, primary: bool = False) -> CustomerRole | None:
        """Our role for a contact role as the CRM spells it, in any case; None where it says nothing to us.

        A primary contact without any role becomes ``primary_without_role``.
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
        """The fields of one of the two objects by our names. Raises KeyError for another object."""
        return {"Onboarding__c": self.write.onboarding, "Onboarding_Milestone__c": self.write.milestone}[crm_object]


def load_mapping(path: Path = BUNDLED) -> CrmMapping:
    """Read the mapping file. Raises DocumentError with file, line, field and mend."""
    return read_document(path, CrmMapping)
