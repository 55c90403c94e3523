"""The behaviour of people in a simulation: who does which work when, who uses the product, who falls silent.

No live rule uses it. The habits come from a small file; the acts that follow are deterministic.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from onboarding.dates.working_time import next_open
from onboarding.model.case import Calendar
from onboarding.model.schedule import Hours, Name
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import STAGES, Side, Stage
from onboarding.values import replace

ActKind = Literal["milestone", "handoff", "goal", "goal_check", "usage", "first_value", "answer"]

REPORTED = frozenset({"tier_assigned", "welcome_sent", "check_ins_sent", "usage_monitored"})
"""Milestones that first90 or the product reports. Telling both sides of the activation is not among them: where the
customer wants no automated mail, a person of the vendor does it."""
BY_USE = "tasks_done_"
"""The prefix of milestones that follow from usage."""
SPECIAL: Mapping[str, ActKind] = {
    "handoff_documented": "handoff",
    "goals_confirmed": "goal",
    "goals_checked": "goal_check",
}
MEETING = "kickoff_held"
"""The milestone of the kickoff, which is none where nobody wishes for the call."""
AFTER_KICKOFF = frozenset(
    {"goals_confirmed", "stakeholders_identified", "cadence_agreed", "plan_agreed", "contacts_introduced"}
)
USES_FROM = frozenset({Stage.SETUP, Stage.TRAINING, Stage.FIRST_VALUE, Stage.DONE})


class Habits(BaseModel):
    """The habits of the people around one customer. Days may be negative: before the due date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor_days: int = Field(default=-1, ge=-30, le=365)
    """The vendor's people finish a piece of work so many days from its due date."""
    customer_days: int = Field(default=0, ge=-30, le=365)
    third_party_days: int = Field(default=2, ge=-30, le=365)
    spread_days: int = Field(default=2, ge=0, le=60)
    """Up to so many days are added, different for each piece of work."""
    never: tuple[Name, ...] = ()
    """Milestones that are never done."""
    users: int = Field(default=5, ge=0, le=40)
    uses_every_days: int | None = Field(default=3, ge=1, le=90)
    """How often they use the product once setup has begun; null: never."""
    first_value_days: int | None = Field(default=12, ge=0, le=365)
    """How long after the start of training they reach first value; null: never."""
    answers_after_hours: int | None = Field(default=6, ge=0, le=1000)
    """How long after an escalation the owner acknowledges it; null: never."""
    quiet_from_day: int | None = Field(default=None, ge=0, le=730)
    """From this day after the signature the customer does nothing."""
    back_on_day: int | None = Field(default=None, ge=0, le=730)
    """The day on which the customer is active again; null: never."""


class Behaviour(BaseModel):
    """The behaviour file: the habits of everybody, and the differences of some accounts, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    everybody: Habits = Habits()
    accounts: Mapping[str, Habits] = Field(default_factory=dict)

    def of(self, account_name: str) -> Habits:
        """Return the habits around one customer."""
        own = self.accounts.get(account_name)
        return self.everybody.model_copy(update=own.model_dump(exclude_unset=True)) if own else self.everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What people see of one onboarding when they decide what to do next."""

    key: str
    signed_at: datetime
    stage: Stage
    stage_times: Mapping[Stage, datetime]
    milestones: tuple[Milestone, ...]
    """The open ones."""
    meets: bool = True
    """Whether there is a kickoff to be held."""
    booked_at: datetime | None = None
    held_at: datetime | None = None
    activated_at: datetime | None = None
    """When the kickoff was booked, when it was held, and when first value was reached."""
    episode: int | None = None
    told_at: datetime | None = None
    """The escalation that is not acknowledged, and when it was sent."""
    zone: str = "UTC"
    calendar: Calendar = field(default_factory=Calendar)
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act of a person. ``name`` says what it is about; one act of a kind and name happens once."""

    at: datetime
    kind: ActKind
    name: str


def acts(situation: Situation, habits: Habits, now: datetime) -> Iterator[Act]:
    """Yield everything that people would do next, as far as it is known at ``now``, and not before it. Pure."""
    for milestone in situation.milestones:
        yield from _work(situation, habits, milestone, now)
    training_at = situation.stage_times.get(Stage.TRAINING)
    if training_at is not None and situation.activated_at is None and habits.first_value_days is not None:
        reached = Act(at=training_at + timedelta(days=habits.first_value_days), kind="first_value", name="activation")
        yield from _of_customer(situation, habits, reached, now)
    if situation.stage in USES_FROM and habits.users and habits.uses_every_days is not None:
        every = habits.uses_every_days
        turn = (now - situation.signed_at).days // every + 1
        used = Act(at=situation.signed_at + timedelta(days=turn * every), kind="usage", name=str(turn))
        yield from _of_customer(situation, habits, used, now)
    if situation.told_at is not None and habits.answers_after_hours is not None:
        at = situation.told_at + timedelta(hours=habits.answers_after_hours)
        yield _at_work(situation, Act(at=at, kind="answer", name=str(situation.episode)), now)


def _work(situation: Situation, habits: Habits, milestone: Milestone, now: datetime) -> Iterator[Act]:
    """Yield the act for one open milestone: started as soon as possible, finished around its due date."""
    begun_at = _begins(situation, milestone)
    if begun_at is None or milestone.name in habits.never:
        return
    days = {
        Side.VENDOR: habits.vendor_days,
        Side.CUSTOMER: habits.customer_days,
        Side.THIRD_PARTY: habits.third_party_days,
    }[milestone.side]
    due = milestone.due_at or begun_at + timedelta(days=3)
    wanted_at = due + timedelta(days=days + _spread(f"{situation.key}:{milestone.name}", habits.spread_days))
    at = max(wanted_at, begun_at + timedelta(hours=4))
    act = Act(at=at, kind=SPECIAL.get(milestone.name, "milestone"), name=milestone.name)
    if milestone.side is Side.CUSTOMER:
        yield from _of_customer(situation, habits, act, now)
    else:
        yield _at_work(situation, act, now)


def _begins(situation: Situation, milestone: Milestone) -> datetime | None:
    """Return when work on it can start; None if it is not people's work, or not yet possible."""
    name, entered = milestone.name, situation.stage_times.get(milestone.stage)
    later = situation.stage in STAGES and STAGES.index(milestone.stage) > STAGES.index(situation.stage)
    if name in REPORTED or name == "activation" or name.startswith(BY_USE) or entered is None or later:
        return None
    if name == MEETING:
        return situation.booked_at + timedelta(days=1) if situation.booked_at else None
    if name in AFTER_KICKOFF and situation.meets:
        return situation.held_at
    return situation.activated_at if milestone.stage is Stage.FIRST_VALUE else entered


def _of_customer(situation: Situation, habits: Habits, act: Act, now: datetime) -> Iterator[Act]:
    """Yield an act of the customer: moved to the end of its silence, none if that never ends."""
    act = _at_work(situation, act, now)
    if habits.quiet_from_day is not None and act.at >= situation.signed_at + timedelta(days=habits.quiet_from_day):
        if habits.back_on_day is None:
            return
        act = _at_work(situation, act, max(now, situation.signed_at + timedelta(days=habits.back_on_day)))
    yield act


def _at_work(situation: Situation, act: Act, earliest: datetime) -> Act:
    """Return the act moved into working hours, at or after ``earliest``."""
    return replace(act, at=next_open(max(act.at, earliest), situation.zone, situation.calendar, situation.hours))


def _spread(text: str, days: int) -> int:
    """Return a number of days from 0 to ``days``, the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % (days + 1)
