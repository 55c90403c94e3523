"""What a forecast says: days in the account's zone, each beside the day expected at signature."""

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from onboarding.forecast.expected import Basis
from onboarding.forecast.reasons import Reason
from onboarding.forecast.work import GO_LIVE
from onboarding.health.summary import plain
from onboarding.model.vocabulary import Side, Stage, Status
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A date that is expected, or past: a day in the account's zone."""

    forecast: date | None
    at_signature: date | None
    done: bool
    days: int | None
    """By how many days it is later than was expected at signature."""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDate(Moved):
    """When a stage is left."""

    stage: Stage
    entered: date | None
    planned: date | None
    """When it should be left: the time that the playbook allows, from its entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoLive(Moved):
    """When the customer goes live with the whole team."""

    planned: date | None
    """The date in the CRM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDate(Moved):
    """When one milestone, or one exit criterion that is none, is done."""

    name: str
    title: str
    stage: Stage
    side: Side
    exit: bool
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When stages and go-live are expected at a moment. Days are those of the account's zone."""

    case_key: str
    account: str
    as_of: datetime
    status: Status
    target: date
    on_hold: str
    """Why the clock stands, and until when; empty while it runs."""
    stages: tuple[StageDate, ...]
    """The five in order; empty once a customer has left."""
    go_live: GoLive | None
    """None where the playbook has no such milestone, or a customer has left."""
    milestones: tuple[WorkDate, ...]
    finished: int
    """The finished onboardings whose own durations count; 0 where the playbook's do."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return the reasons for the go-live's days, and those of the stages for work that is not among them."""
        found = [replace(one, of=GO_LIVE) for one in (self.go_live.reasons if self.go_live else ())]
        for stage in self.stages:
            named = {(one.milestone, one.title) for one in found}
            found += [
                replace(one, of=stage.stage.value) for one in stage.reasons if (one.milestone, one.title) not in named
            ]
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """Return the forecast as plain values."""
        said = {name: plain(value) for name, value in asdict(self).items()}
        return {
            "deal_id": said.pop("case_key"),
            "account_name": said.pop("account"),
            **said,
            "reasons": [plain(asdict(one)) for one in self.reasons],
        }
