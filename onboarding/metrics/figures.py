"""The contribution of one account to the metrics, from which every number of a report can be recomputed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from onboarding.model.state import Ticket
from onboarding.model.vocabulary import Side, Stage, Status, Tier
from onboarding.model.written.track import Phase
from onboarding.usage.use import RoleUse


@dataclass(frozen=True, slots=True)
class Span:
    """Days until an event, or so far without it (censored). May be 0 or negative because of trial use."""

    days: float
    reached: bool


@dataclass(frozen=True, slots=True)
class Spans:
    """One span for each of the account's users."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A count of a total, or hours of total hours."""

    met: float
    of: float


@dataclass(frozen=True, slots=True)
class Values:
    """Single figures: answers of people, or one count."""

    values: tuple[float, ...]


Part = Span | Spans | Share | Values
"""The contribution of one account to one metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallTime:
    """One cause of an episode: since when it lasted and until when, at most up to the moment of the report (UTC)."""

    kind: str
    waiting_on: str
    since: datetime
    until: datetime
    open: bool

    @property
    def days(self) -> float:
        """Return the calendar days that it lasted."""
        return (self.until - self.since) / timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFigure:
    """One goal of the customer with its current value."""

    metric: str
    unit: str
    baseline: float
    target: float
    due: date
    value: float | None
    reached: bool
    kind: str = ""
    confirmed: bool = False
    gain: float | None = None
    """What the improvement so far is worth to the customer, by the customer's own figure, in ``currency``; None where
    there is no such figure, or the goal is only assumed."""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """One check-in of the playbook that was due by the report, and what became of it."""

    step: str
    title: str
    outcome: Literal["sent", "person", "left_out", "open"]
    """``person``: left to the owner; ``left_out``: skipped, or merged into another message."""
    answered: bool = False
    """Whether one of the customer's people replied, or answered a survey, in the two weeks after it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """One onboarding as it was known at the moment of the report. Instants are in UTC."""

    account_id: str
    account_name: str
    deal_id: str
    tier: Tier
    product: str = ""
    """As the deal or else the playbook says; empty if neither does."""
    owner: str | None
    """Mail address of the accountable owner."""
    status: Status
    stage: Stage
    phase: Phase = Phase.PRIMARY
    adopted: bool
    signed_at: datetime
    amount: float | None = None
    """Of the deal that opened it, in the currency of the tier rules; None if unknown."""
    contract_days: int = 365
    """The days whose price the amount is, as the playbook says."""
    target_at: datetime
    activated_at: datetime | None = None
    first_value_at: datetime | None = None
    completed_at: datetime | None = None
    left_at: datetime | None = None
    """When the customer left."""
    churned_on: date | None = None
    stage_times: Mapping[Stage, datetime] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    """By the metric's name; metrics without a contribution are missing."""
    clock: Mapping[Stage, Mapping[Side, float]] = field(default_factory=dict)
    """Working hours by stage and by the side whose move it was."""
    health: int | None = None
    health_before: int | None = None
    """The score thirty days earlier, by what was known then."""
    stalls: tuple[StallTime, ...] = ()
    goals: tuple[GoalFigure, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()
    sent: Mapping[str, int] = field(default_factory=dict)
    """Sent mails by step."""
    roles: tuple[RoleUse, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    """Support tickets, as known at the moment of the report."""
    promises: Mapping[str, int] = field(default_factory=dict)
    """Promises by outcome: open, kept, broken."""

    @property
    def month(self) -> str:
        """Return the month of the signature, such as ``2026-03``."""
        return f"{self.signed_at:%Y-%m}"

    def as_json(self, metrics: tuple[str, ...]) -> dict[str, Any]:
        """Return the account and its part of each of these metrics as plain values."""
        return {
            "account_id": self.account_id,
            "account_name": self.account_name,
            "deal_id": self.deal_id,
            "tier": self.tier,
            "product": self.product,
            "owner": self.owner,
            "status": self.status,
            "stage": self.stage,
            "phase": self.phase,
            "adopted": self.adopted,
            "signed_at": self.signed_at,
            "amount": self.amount,
            "contract_days": self.contract_days,
            "target_at": self.target_at,
            "activated_at": self.activated_at,
            "first_value_at": self.first_value_at,
            "completed_at": self.completed_at,
            "churned_on": self.churned_on,
            "clock_hours": {
                stage.value: {side.value: round(hours, 2) for side, hours in sides.items()}
                for stage, sides in self.clock.items()
            },
            "stalls": [asdict(one) for one in self.stalls],
            **{name: part_json(self.parts.get(name)) for name in metrics},
        }


def part_json(part: Part | None) -> Any:
    """Return an account's part of a metric as plain values; None if it contributes nothing."""
    match part:
        case Span(days=days, reached=reached):
            return {"days": round(days, 4), "reached": reached}
        case Spans(spans=spans):
            return [{"days": round(one.days, 4), "reached": one.reached} for one in spans]
        case Share(met=met, of=of):
            return {"n": round(met, 4), "of": round(of, 4)}
        case Values(values=values):
            return {"values": list(values)}
    return None
