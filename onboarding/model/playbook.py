"""The content of a playbook, which ``config`` reads from YAML. Every number belongs to a class with a ``source``."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from onboarding.acts import Act
from onboarding.model.conditions.written import When
from onboarding.model.message_policy import MailPart, Purpose, SlackPart, Value
from onboarding.model.schedule import (
    Cadence,
    Call,
    Draft,
    Due,
    Duration,
    FirstDrafts,
    Ladder,
    Late,
    Name,
    Pace,
    Source,
    Specialist,
    Target,
    Text,
    Written,
    check_order,
)
from onboarding.model.usage import Detection, SegmentDetection, UserPlan
from onboarding.model.vocabulary import STAGES, Concern, CustomerRole, Side, Stage, Tier, VendorRole
from onboarding.model.written.proof import ProvenBy, check_references
from onboarding.model.written.stall_rule import StallRule
from onboarding.model.written.track import Track, check_tracks
from onboarding.model.written.widening import Widening
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePlan(Written):
    """One milestone: who owes it, when it is due, and what proves it."""

    name: Name
    title: str
    side: Side
    owner: VendorRole | CustomerRole
    """The role that does the work; for a third party's work the vendor role that follows it up."""
    due: Due
    source: Source
    after: tuple[Name, ...] = ()
    """Milestones before which this work cannot begin; else it begins at the anchor of ``due``. For forecasts only."""
    takes: Duration | None = None
    """How long the work usually takes from its start; without it the forecast goes by ``due``."""
    signal: Detection | None = None
    """The milestone is done once this usage is seen."""
    signal_for: tuple[SegmentDetection, ...] = ()
    """What counts instead for customers of a product or an industry; the first that fits."""
    proof: ProvenBy | None = None
    """The milestone is done once first90's own records show this."""
    sent: tuple[Name, ...] = ()
    """The milestone is done once the first message of these steps was sent."""
    needs_role: CustomerRole | None = None
    """Not applicable if the stakeholder map has no person in this role."""
    when: When | None = None
    """For which customers it is; without it for all."""
    internal: bool = False
    """Internal work of the vendor that is never named to the customer."""

    @property
    def by_itself(self) -> bool:
        """Return whether first90's own records show that it is done, so that it is no one's work."""
        return self.proof is not None or bool(self.sent)

    @property
    def signals(self) -> tuple[str, ...]:
        """Return the signals that may prove it, of any customer, each once."""
        return tuple(dict.fromkeys(need.signal for one in self.detections for need in one.needs))

    @property
    def detections(self) -> tuple[Detection, ...]:
        """Return the usage that may prove it, of any customer."""
        return (*([self.signal] if self.signal else []), *(one.signal for one in self.signal_for))


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan(Written):
    """One stage: its objective, its owner, how long it may take, and its exit criteria."""

    objective: str
    customer_sees: str
    owner: VendorRole
    allowed: Due
    exit: tuple[Name, ...] = field(metadata={"min_length": 1})
    """Milestone names, and conditions that the rules of the stage define (``measurable_goal`` ...)."""
    exit_when: Mapping[Name, When] = field(default_factory=dict)
    """For which customers an exit criterion counts; one that is not named here counts for all."""
    milestones: tuple[MilestonePlan, ...] = ()

    def __post_init__(self) -> None:
        for name in self.exit_when:
            if name not in self.exit:
                raise ValueError(f"exit_when names {name}, which is not in exit: {', '.join(self.exit)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Written):
    """A touchpoint of the playbook: when, to whom, what, and what if it is late. Its name is the effect's kind."""

    name: Name
    title: str
    group: Concern = Concern.STAGES
    """``stages`` is planned by the stage flow, ``check_ins`` by the hourly check-in flow."""
    stage: Stage | None = None
    """The stage whose entry is the anchor, if ``due.from`` is ``stage``."""
    due: Due
    every: Cadence | None = None
    calendar: Call | None = None
    """The call to which its mail invites: sent once the time is agreed, and again after each change."""
    while_in: tuple[Stage, ...] = ()
    """The stages in which it may be planned; empty for any."""
    after_completion: bool = False
    """Whether it is still planned after the onboarding is completed (day 90, transition)."""
    handoff_first: bool = True
    """Whether it waits for a complete handoff (HO-7)."""
    unless: tuple[Name, ...] = ()
    """Milestones that make the step pointless once one of them is done."""
    when: When | None = None
    """For which customers it is; without it for all."""
    purpose: Purpose = Purpose.SERVICE
    mode: Literal["send", "draft", "task"] = "send"
    """``draft``: its mail waits for its owner, who approves, edits or discards it. ``task`` is not sent: the owner gets
    it as work for a person (CO-3)."""
    draft: Draft | None = None
    """How long a draft waits, and what then; without it as long as a late mail is sent, and then it is a task."""
    track: str = ""
    """The track that it belongs to: it goes out only while that one runs."""
    again_for_new_holder: bool = False
    """Whether a person who takes over a role after the step was sent gets it too."""
    priority: int = field(default=50, metadata={"ge": 0, "le": 100})
    """On a day with too many mails the higher number goes first (see ``mails_per_person_and_day``)."""
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
        if (self.draft is not None and self.mode != "draft") or (self.mode == "draft" and self.mail is None):
            raise ValueError("draft: goes with mode: draft, which needs a mail part")


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderMap(Written):
    """What counts as a complete stakeholder map (HO-2), and as one with too few people (SH-3)."""

    at_least: int = field(metadata={"ge": 1, "le": 20})
    thin_below: int = field(default=0, metadata={"ge": 0, "le": 20})
    buy_in_of: tuple[CustomerRole, ...] = ()  # whose buy-in is known at the end of the kickoff (SH-9)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook(Written):
    """How customers of one tier are onboarded."""

    tier: Annotated[Tier, Text(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", means="Any name of your own.")]
    title: str
    value: Value = field(default_factory=Value)
    target: Target
    check_in_anchor: Literal["signature", "kickoff", "go_live"]
    go_live_grace_days: int = field(metadata={"ge": 0, "le": 180})
    """Days after the target without a go-live from which check-ins count from the target (DE-1)."""
    go_live_grace_source: Source = "DE-1"
    pace: Pace
    self_service: bool | None = None
    """Whether mails point to guides and promise no hours of people (TI-L). Left out, the tier named ``tech`` is, as in
    versions kept from before there was this key."""
    stakeholders: StakeholderMap
    audience: Widening | None = None  # from which stage on each role is written to; None: from the start
    sponsor_expected: bool = False
    specialist: Specialist | None = None
    """None: the CSM is accountable from the start, also where there is an onboarding specialist."""
    health_weights: Mapping[Name, float] = field(default_factory=dict)
    """The weight of each input of the health score, by its name; the default is 1. No weight is validated."""
    users: UserPlan = field(default_factory=UserPlan)
    first_drafts: FirstDrafts | None = None
    """Which mails to the first customers of this tier are drafts; None for no others than by ``mode``."""
    four_eyes: tuple[Act, ...] = ()
    """Acts that one person asks for and another one confirms. What is about no single onboarding (stop, start, forget)
    needs a second person where any playbook in use names it."""
    stages: Mapping[Stage, StagePlan]
    steps: tuple[Step, ...]
    tracks: tuple[Track, ...] = ()
    """What follows first value, in order."""
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
        check_references(
            [(plan.name, plan.due.anchor, plan.sent) for plan in self.milestones()],
            [(step.name, step.due.anchor, step.unless) for step in self.steps],
            [(track.name, track.begins.anchor) for track in self.tracks],
        )
        check_order({plan.name: plan.after for plan in self.milestones()})
        check_tracks(self.tracks, [(s.name, s.track, s.due.anchor, s.after_completion) for s in self.steps], names)
        told = [step.slack.to for step in self.steps if step.slack and step.due.anchor == f"milestone:{self.transfer}"]
        if self.specialist and not any({VendorRole.ONBOARDING_SPECIALIST, VendorRole.CSM} <= set(to) for to in told):
            what = f"a milestone with proof: {ProvenBy.SAME_OWNER} and a step counted from it"
            raise ValueError(f"specialist: needs {what} whose slack: to: names onboarding_specialist and csm")

    def __hash__(self) -> int:
        """Return a hash of a few fields, which is cheap to compute, for caches of values derived from a playbook."""
        return hash((self.tier, self.title, len(self.steps)))

    @property
    def serves_itself(self) -> bool:
        """Return whether mails of this tier promise no hours of people."""
        return self.tier == "tech" if self.self_service is None else self.self_service

    def milestones(self) -> tuple[MilestonePlan, ...]:
        """Return all milestones in the order of the stages."""
        return tuple(plan for stage in STAGES for plan in self.stages[stage].milestones)

    @property
    def transfer(self) -> str:
        """Return the milestone of the change of owner; empty if there is none."""
        return next((plan.name for plan in self.milestones() if plan.proof is ProvenBy.SAME_OWNER), "")

    @property
    def windowed(self) -> frozenset[str]:
        """Return the signals that are counted within a window of days."""
        detections = [one for plan in self.milestones() for one in plan.detections if one.within_days is not None]
        return frozenset(need.signal for one in detections for need in one.needs)

    def stage_of(self, milestone: str) -> Stage:
        """Return the stage of a milestone. Raise KeyError for an unknown name."""
        for stage in STAGES:
            if any(plan.name == milestone for plan in self.stages[stage].milestones):
                return stage
        raise KeyError(milestone)
