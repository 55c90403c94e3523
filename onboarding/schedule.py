"""When things are due and when they may be done, as a playbook says it; every number with its source."""

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")]


Source = Annotated[str, Field(min_length=2, description="Requirement id or source number, or 'ours'.")]


class Model(BaseModel):
    """Frozen, and an unknown field is a mistake, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Offset(Model):
    """A distance in time: elapsed days and hours, or working days of the country concerned."""

    days: int = Field(default=0, ge=-365, le=730)
    hours: int = Field(default=0, ge=-8760, le=17520)
    working_days: int = Field(default=0, ge=0, le=365)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.working_days and (self.days or self.hours):
            raise ValueError("give either working_days or days and hours, not both")
        return self


class Due(Offset):
    """A date told from an anchor.

    Anchors: ``signature``, ``stage`` (entry of the milestone's or step's stage), ``kickoff``, ``go_live``,
    ``activation``, ``target``, ``check_ins`` (the playbook's check-in anchor), or ``milestone:NAME``.
    """

    anchor: Annotated[
        str,
        Field(
            alias="from",
            pattern=r"^(signature|stage|kickoff|go_live|activation|target|check_ins|milestone:[a-z0-9_]+)$",
        ),
    ]
    source: Source

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Late(Model):
    """What becomes of a message found late: sent until, and then."""

    send_for_hours: int = Field(ge=0, le=2160)
    then: Literal["skip", "merge", "ask_owner"]
    """``merge`` leaves its content to the next message for the same people; ``ask_owner`` puts it in the digest."""
    source: Source


class Cadence(Model):
    """A step that repeats."""

    days: int = Field(ge=1, le=365)
    source: Source


class Hours(Model):
    """A span of the working day in local time."""

    start: time
    end: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError("start must be before end")
        return self


class Pace(Model):
    """When people may be written to and how often."""

    hours: tuple[Hours, ...] = Field(min_length=1)
    mails_per_person_and_day: int = Field(ge=1, le=20)
    """Over all onboardings, counted on the reader's own days; what is above waits for the next working day."""
    mails_per_account_and_day: int = Field(default=25, ge=1, le=1000)
    """The same for a whole customer. Ours: more than any plan needs, so that a slip floods nobody."""
    source: Source


class Target(Model):
    """The window in which onboarding should end, in days from signature."""

    days: int = Field(ge=1, le=400)
    source: Source
