"""The parameters of flows that a person may set: one model a flow, from which Prefect makes its form."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from onboarding.dates.limits import OUT_OF_YEARS, in_years
from onboarding.metrics.period import Period
from onboarding.model.vocabulary import Channel

AccountKey = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]

WHY = "Why it is run by hand; kept in the journal."
WHO = "Mail address of who runs it; kept in the journal."


class FlowOptions(BaseModel):
    """The parameters of every flow. A schedule leaves all of them empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: Annotated[
        datetime | None,
        Field(
            title="As of",
            description="The moment that the run takes as now, for what is due and for the journal. Empty: when it "
            "really starts. A later moment is refused, except in a dry run or where nothing leaves this machine.",
        ),
    ] = None
    accounts: Annotated[
        tuple[AccountKey, ...],
        Field(
            title="Accounts",
            max_length=500,
            description="Only these: CRM account ids, deal ids, or account names. Empty: every account.",
        ),
    ] = ()
    dry_run: Annotated[
        bool,
        Field(title="Dry run", description="Decide and show, but write nothing and send nothing."),
    ] = False
    reason: Annotated[Text, Field(title="Reason", description=WHY)] = ""
    actor: Annotated[Text, Field(title="Who", description=WHO)] = ""

    @field_validator("as_of")
    @classmethod
    def _in_utc(cls, moment: datetime | None) -> datetime | None:
        """Return the moment in UTC; without a zone it counts as UTC, as on the command line."""
        if moment is None:
            return None
        if not in_years(moment):
            raise ValueError(f"{moment:%Y-%m-%d} is {OUT_OF_YEARS}")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


class NamedAccounts(FlowOptions):
    """The parameters of a run for named accounts: reason and person are required, and it is a dry run by default."""

    accounts: Annotated[
        tuple[AccountKey, ...],
        Field(
            title="Accounts",
            min_length=1,
            max_length=500,
            description="CRM account ids, deal ids, or account names.",
        ),
    ]
    dry_run: Annotated[
        bool,
        Field(
            title="Dry run",
            description="Show in the run's artifact and log what would be sent to whom, but write nothing and send "
            "nothing. Switch it off to do it.",
        ),
    ] = True
    reason: Annotated[Named, Field(title="Reason", description=WHY)]
    actor: Annotated[Named, Field(title="Who", description=WHO)]


class DeliveryOptions(FlowOptions):
    """The parameters of a delivery."""

    channels: Annotated[
        tuple[Channel, ...],
        Field(title="Channels", min_length=1, description="Only these ways out: mail, slack, crm."),
    ] = (Channel.MAIL, Channel.SLACK, Channel.CRM)


class Reporting(FlowOptions):
    """The report of the metrics."""

    period: Annotated[
        Period,
        Field(title="Period", description="weekly or monthly: with what it is compared, and how often it is sent."),
    ] = Period.WEEKLY


AS_SCHEDULED = FlowOptions()
EVERY_WEEK = Reporting()
EVERYTHING_OWED = DeliveryOptions()
