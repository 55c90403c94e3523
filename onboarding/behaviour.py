"""How people behave in a simulation: who does which work when, who uses the product, who falls silent.

No live rule uses it. The habits come from a small file; what follows is worked out here, always the same.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from onboarding.case import Calendar
from onboarding.schedule import Hours, Model, Name
from onboarding.standing import Milestone
from onboarding.words import STAGES, Side, Stage
from onboarding.working_time import next_open

ActKind = Literal["milestone", "handoff", "goal", "usage", "first_value", "answer"]

DONE_BY_OTHERS = frozenset(
    {"tier_assigned", "welcome_sent", "both_sides_told", "check_ins_sent", "usage_monitored", "activation"}
)
"""Milestones that first90 or the product reports by itself."""
BY_USE = "tasks_done_"
"""Milestones of this beginning follow from usage."""
USES_FROM = frozenset({Stage.SETUP, Stage.TRAINING, Stage.FIRST_VALUE, Stage.DONE})


class Habits(Model):
    """How the people around one customer behave. Days may be negative: before the due date."""

    vendor_days: int = Field(default=-1, ge=-30, le=365)
    """Our people finish a piece of work so many days from its due date."""
    customer_days: int = Field(default=0, ge=-30, le=365)
    third_party_days: int = Field(default=2, ge=-30, le=365)
    spread_days: int = Field(default=2, ge=0, le=60)
    """And up to so many days later, different from work to work."""
    never: tuple[Name, ...] = ()
    """Milestones that nobody gets round to."""
    users: int = Field(default=5, ge=0, le=40)
    uses_every_days: int | None = Field(default=2, ge=1, le=90)
    """How often they work in the product once setup has begun; null: never."""
    first_value_days: int | None = Field(default=12, ge=0, le=365)
    """So long after training has begun they reach first value; null: never."""
    answers_after_hours: int | None = Field(default=6, ge=0, le=1000)
    """So long after an escalation our owner takes it up; null: nobody does."""
    quiet_from_day: int | None = Field(default=None, ge=0, le=730)
    """From this day after the signature the customer does nothing."""
    back_on_day: int | None = Field(default=None, ge=0, le=730)
    """On this day the customer is back; null: never."""


class Behaviour(Model):
    """The behaviour file: everybody's habits, and what is different for some accounts, by name."""

    everybody: Habits = Habits()
    accounts: Mapping[str, Habits] = Field(default_factory=dict)

    def of(self, account_name: str) -> Habits:
        """The habits around one customer."""
        own = self.accounts.get(account_name)
        return self.everybody.model_copy(update=own.model_dump(exclude_unset=True)) if own else self.everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What people see of one onboarding when they decide what to do next."""

    key: str
    signed_at: datetime
    stage: Stage
    stage_times: Mapping[Stage, datetime]
    milestones: tuple[Milestone, ...]
    zone: str
    calendar: Calendar
    hours: tuple[Hours, ...]
    told_at: datetime | None = None
    """When the escalation that is open now was told last."""
    episode: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a person will do. ``name`` says what it is about; one act of a kind and name happens once."""

    at: datetime
    kind: ActKind
    name: str


def acts(scene: Scene, habits: Habits, now: datetime) -> Iterator[Act]:
    """Everything that people would do next, as far as it can be told at ``now``; never before it. Pure."""
    for milestone in scene.milestones:
        act = _work(scene, habits, milestone, now)
        if act is not None:
            yield act
    training_at = scene.stage_times.get(Stage.TRAINING)
    if training_at is not None and habits.first_value_days is not None:
        at = _working(scene, max(training_at + timedelta(days=habits.first_value_days), now))
        yield from _if_awake(scene, habits, Act(at=at, kind="first_value", name="activation"))
    if scene.stage in USES_FROM and habits.users and habits.uses_every_days is not None:
        every = habits.uses_every_days
        turn = (now - scene.signed_at).days // every + 1
        at = _working(scene, max(scene.signed_at + timedelta(days=turn * every), now))
        yield from _if_awake(scene, habits, Act(at=at, kind="usage", name=str(turn)))
    if scene.told_at is not None and habits.answers_after_hours is not None:
        at = max(scene.told_at + timedelta(hours=habits.answers_after_hours), now)
        yield Act(at=_working(scene, at), kind="answer", name=str(scene.episode))


def _work(scene: Scene, habits: Habits, milestone: Milestone, now: datetime) -> Act | None:
    """The work on one open milestone: begun with its stage, finished around its due date."""
    name = milestone.name
    if milestone.status != "open" or name in habits.never:
        return None
    if name in DONE_BY_OTHERS or name.startswith(BY_USE):
        return None
    entered = scene.stage_times.get(milestone.stage)
    if entered is None or (
        scene.stage in STAGES and STAGES.index(milestone.stage) > STAGES.index(scene.stage)
    ):
        return None
    days = {
        Side.VENDOR: habits.vendor_days,
        Side.CUSTOMER: habits.customer_days,
        Side.THIRD_PARTY: habits.third_party_days,
    }[milestone.side]
    due = milestone.due_at or entered + timedelta(days=3)
    wish = due + timedelta(days=days + _spread(f"{scene.key}:{name}", habits.spread_days))
    at = _working(scene, max(wish, entered + timedelta(hours=4), now))
    kind: ActKind = {"handoff_documented": "handoff", "goals_confirmed": "goal"}.get(name, "milestone")  # type: ignore[assignment]
    act = Act(at=at, kind=kind, name=name)
    if milestone.side is Side.CUSTOMER:
        return next(_if_awake(scene, habits, act), None)
    return act


def _if_awake(scene: Scene, habits: Habits, act: Act) -> Iterator[Act]:
    """The act, later where it falls into the customer's silence, or none where that never ends."""
    if habits.quiet_from_day is None:
        yield act
        return
    quiet_at = scene.signed_at + timedelta(days=habits.quiet_from_day)
    if act.at < quiet_at:
        yield act
    elif habits.back_on_day is not None:
        back_at = scene.signed_at + timedelta(days=habits.back_on_day)
        yield Act(at=_working(scene, max(act.at, back_at)), kind=act.kind, name=act.name)


def _working(scene: Scene, at: datetime) -> datetime:
    return next_open(at, scene.zone, scene.calendar, scene.hours)


def _spread(text: str, days: int) -> int:
    """The same piece of work always takes the same part of the spread."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % (days + 1)
