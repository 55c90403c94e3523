"""What a playbook says: how one tier of customers is onboarded. Loading it from YAML is ``config``'s work.

Every number stands in a model with a ``source``: an id of docs/requirements.md, or ``ours``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from onboarding.model.message_policy import Topic
from onboarding.model.schedule import Cadence, Call, Due, Late, Name, Offset, Pace, Source, Target, Written
from onboarding.model.vocabulary import STAGES, Concern, CustomerRole, Side, Stage, Tier, VendorRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection(Written):
    """Product usage that proves a milestone: so many distinct users, and so many events in all."""

    signal: str
    users: int = field(default=1, metadata={"ge": 1, "le": 50})
    count: int = field(default=1, metadata={"ge": 1, "le": 50})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePlan(Written):
    """One piece of work: whose it is, when it is due, and what proves it."""

    name: Name
    title: str
    side: Side
    owner: VendorRole | CustomerRole
    """Our role for our work and for what a third party owes (who chases it), a customer role for the customer's."""
    due: Due
    source: Source
    signal: Detection | None = None
    """Done by itself once this usage is seen."""
    proof: (
        Literal[
            "handoff_complete",
            "tier_set",
            "kickoff_booked",
            "welcome_sent",
            "goal_measurable",
            "activation_told",
            "same_owner",
            "check_ins_sent",
        ]
        | None
    ) = None
    """Done by itself once first90 sees this in its own records."""
    needs_role: CustomerRole | None = None
    """Not applicable where the stakeholder map has nobody in this role."""
    internal: bool = False
    """Our own housekeeping: never named to the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan(Written):
    """One stage: what it is for, who leads it, how long it may take, what must hold before it is left."""

    objective: str
    customer_sees: str
    owner: VendorRole
    allowed: Due
    exit: tuple[Name, ...] = field(metadata={"min_length": 1})
    """Milestone names, and conditions that the stage's rules know (``stakeholder_map``, ``measurable_goal`` ...)."""
    milestones: tuple[MilestonePlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients(Written):
    """All of the customer's people with ``roles``; where nobody has one, the first of ``otherwise`` that is held."""

    roles: tuple[CustomerRole, ...] = field(metadata={"min_length": 1})
    otherwise: tuple[CustomerRole, ...] = ()
    anybody: bool = False
    """In the last resort any of the customer's people with an address, even without a role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPart(Written):
    """The mail of a step."""

    template: Name
    topic: Topic
    """What it is about, the same as its template declares; the policy of who must not get what hangs on it (SH-4)."""
    to: Recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPart(Written):
    """The Slack message of a step, to our own people. ``says`` is a template with the same names as a mail's."""

    to: tuple[VendorRole, ...] = field(metadata={"min_length": 1})
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Written):
    """A touchpoint of the playbook: when, to whom, with what, and what if it is late. Its name is the effect's kind."""

    name: Name
    title: str
    group: Concern = Concern.STAGES
    """``stages`` goes out with the stage flows, ``check_ins`` with the hourly check-in flow."""
    stage: Stage | None = None
    """The stage whose entry is the anchor, where ``due.from`` is ``stage``."""
    due: Due
    every: Cadence | None = None
    calendar: Call | None = None
    """Its mail invites to this call: sent once the time is agreed, and again for each change of it."""
    while_in: tuple[Stage, ...] = ()
    """Only while the onboarding is in one of these stages; empty means any."""
    after_completion: bool = False
    """Still goes out once the onboarding is completed (day 90, transition)."""
    handoff_first: bool = True
    """Waits for a complete handoff (HO-7)."""
    unless: tuple[Name, ...] = ()
    """Pointless once one of these milestones is done."""
    purpose: Literal["service", "promotional"] = "service"
    mode: Literal["send", "task"] = "send"
    """``task`` is never sent: it is put before the owner as work for a person (CO-3)."""
    again_for_new_holder: bool = False
    """Who takes over a role after the step was sent gets it too."""
    priority: int = field(default=50, metadata={"ge": 0, "le": 100})
    """On a crowded day the higher goes first (see ``mails_per_person_and_day``)."""
    late: Late
    mail: MailPart | None = None
    slack: SlackPart | None = None

    def __post_init__(self) -> None:
        if self.mail is None and self.slack is None:
            raise ValueError("a step needs a mail or a slack part")
        if self.due.anchor == "stage" and self.stage is None:
            raise ValueError("a step anchored to a stage must say which: stage: kickoff")
        if (self.calendar is not None) != (self.due.anchor == "meeting") or (self.calendar and not self.mail):
            raise ValueError("calendar: and due: {from: meeting} go together, in a step with a mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class StallRule(Written):
    """When a cause of standing still counts, how bad it is, and what to do next."""

    after: Offset = field(default_factory=Offset)
    severity: Literal["low", "warning", "critical"]
    critical_after: Offset | None = None
    """Where given, the stall turns critical after this long."""
    next_step: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Written):
    """A step of the escalation ladder: who hears of it, and after how many of their working hours without a way out,
    counted from the rung before."""

    to: VendorRole
    after_working_hours: int = field(metadata={"ge": 0, "le": 400})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder(Written):
    """How a stall climbs. Our own choice of times per tier; whose sponsor ends it, DE-8."""

    rungs: tuple[Rung, ...] = field(metadata={"min_length": 1, "max_length": 3})
    remind_every_working_days: int = field(metadata={"ge": 1, "le": 30})
    ack_rests_working_days: int = field(metadata={"ge": 0, "le": 30})
    """An acknowledged episode does not climb for so long."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderMap(Written):
    """What counts as a stakeholder map (HO-2) and when it looks thin (SH-3)."""

    at_least: int = field(metadata={"ge": 1, "le": 20})
    thin_below: int = field(default=0, metadata={"ge": 0, "le": 20})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Written):
    """Why customers of this tier buy, told once and reused by every message (CO-5, GO-4)."""

    product: str = ""
    """What the product is called; messages do without where it is empty."""
    line: str = ""
    """A clause that finishes "so that": what the customer gains."""
    for_role: Mapping[CustomerRole, str] = field(default_factory=dict)
    """The same for one role (SH-5); people who did not choose the product are told this first (SH-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook(Written):
    """How one tier is onboarded."""

    tier: Tier
    title: str
    value: Value = field(default_factory=Value)
    target: Target
    check_in_anchor: Literal["signature", "kickoff", "go_live"]
    go_live_grace_days: int = field(metadata={"ge": 0, "le": 180})
    """So long past its target without a go-live, check-ins count from the target (DE-1)."""
    go_live_grace_source: Source = "DE-1"
    pace: Pace
    stakeholders: StakeholderMap
    sponsor_expected: bool = False
    stages: Mapping[Stage, StagePlan]
    steps: tuple[Step, ...]
    stalls: Mapping[Name, StallRule]
    ladder: Ladder

    def __post_init__(self) -> None:
        missing = [stage.value for stage in STAGES if stage not in self.stages]
        if missing or Stage.DONE in self.stages:
            raise ValueError(f"stages must be exactly the five; missing: {', '.join(missing) or 'none'}")
        names = [plan.name for plan in self.milestones()]
        for kind, found in (("milestone", names), ("step", [step.name for step in self.steps])):
            twice = sorted({name for name in found if found.count(name) > 1})
            if twice:
                raise ValueError(f"{kind} names must be unique; twice: {', '.join(twice)}")
        for where, anchor in self._anchors():
            if anchor.startswith("milestone:") and anchor.removeprefix("milestone:") not in names:
                raise ValueError(f"{where} counts from an unknown milestone: {anchor}")
        for step in self.steps:
            for name in step.unless:
                if name not in names:
                    raise ValueError(f"step {step.name}: unless names an unknown milestone: {name}")

    def __hash__(self) -> int:
        """Return a cheap hash, so that what depends on a playbook alone is worked out once."""
        return hash((self.tier, self.title, len(self.steps)))

    def milestones(self) -> tuple[MilestonePlan, ...]:
        """All milestones in the order of the stages."""
        return tuple(plan for stage in STAGES for plan in self.stages[stage].milestones)

    def stage_of(self, milestone: str) -> Stage:
        """The stage that a milestone belongs to. Raises KeyError for an unknown name."""
        for stage in STAGES:
            if any(plan.name == milestone for plan in self.stages[stage].milestones):
                return stage
        raise KeyError(milestone)

    def _anchors(self) -> list[tuple[str, str]]:
        steps = [(f"step {step.name}", step.due.anchor) for step in self.steps]
        return steps + [(f"milestone {plan.name}", plan.due.anchor) for plan in self.milestones()]
