"""The business terms: enums, and the names that are data. The database stores their values as text."""

from enum import StrEnum
from typing import NewType


class Stage(StrEnum):
    """The five stages of an onboarding in order, and the end (ST-1 to ST-5)."""

    HANDOFF = "handoff"
    KICKOFF = "kickoff"
    SETUP = "setup"
    TRAINING = "training"
    FIRST_VALUE = "first_value"
    DONE = "done"


STAGES: tuple[Stage, ...] = tuple(stage for stage in Stage if stage is not Stage.DONE)


class Status(StrEnum):
    """The status of an onboarding as a whole."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CHURNED = "churned"
    CANCELLED = "cancelled"


LIVE = frozenset({Status.ACTIVE, Status.ON_HOLD})


Tier = NewType("Tier", str)
"""The name of how much attention an account gets (TI-1): there are those of which there is a playbook, and no others.
``high``, ``mid`` and ``tech`` (TI-H, TI-M, TI-L) are those of the bundled playbooks."""


class Side(StrEnum):
    """Who owes a piece of work, and therefore whose move it is (RO-9)."""

    VENDOR = "vendor"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class VendorRole(StrEnum):
    """Roles of the vendor's people."""

    ACCOUNT_EXECUTIVE = "account_executive"
    CSM = "csm"
    ONBOARDING_SPECIALIST = "onboarding_specialist"
    IMPLEMENTATION_ENGINEER = "implementation_engineer"
    CS_MANAGER = "cs_manager"
    EXECUTIVE_SPONSOR = "executive_sponsor"


class CustomerRole(StrEnum):
    """Roles of the customer's people (SH-4)."""

    EXECUTIVE_SPONSOR = "executive_sponsor"
    CHAMPION = "champion"
    TECHNICAL_ADMIN = "technical_admin"
    IT_SECURITY = "it_security"
    MANAGER = "manager"
    ECONOMIC_BUYER = "economic_buyer"
    END_USER = "end_user"


class Channel(StrEnum):
    """The channels over which effects leave."""

    MAIL = "mail"
    SLACK = "slack"
    CRM = "crm"


class EffectState(StrEnum):
    """The states of an effect (docs/delivery.md)."""

    PLANNED = "planned"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"


UNSENT = frozenset({EffectState.PLANNED, EffectState.WITHHELD})
ON_ITS_WAY = frozenset({EffectState.LEASED, EffectState.SENDING, EffectState.SENT, EffectState.UNKNOWN})
"""States of an effect that was sent, may have been sent, or is about to be."""


class Concern(StrEnum):
    """What a review may plan again; each concern has a flow and a next moment of its own."""

    STAGES = "stages"
    CHECK_INS = "check_ins"
    ESCALATIONS = "escalations"


class FactKind(StrEnum):
    """The kind of a fact; ``onboarding.shared_plan`` reads those from ``plan_link`` to ``mail_pace``."""

    MILESTONE = "milestone"
    MILESTONE_UNDONE = "milestone_undone"
    MILESTONE_WAIVED = "milestone_waived"  # declared not applicable
    MILESTONE_DUE = "milestone_due"
    TASK = "task"
    MEETING = "meeting"  # a call was agreed, or moved
    CALL_HELD = "call_held"  # an agreed call took place
    CALL_MISSED = "call_missed"  # it did not
    HANDOFF = "handoff"
    GOAL = "goal"
    GOAL_VALUE = "goal_value"
    GOAL_CONFIRMED = "goal_confirmed"
    PROMISE = "promise"
    PROMISE_SETTLED = "promise_settled"
    STAKEHOLDER = "stakeholder"
    PROFILE = "profile"
    BUY_IN = "buy_in"
    CONFLICT = "conflict"
    CONFLICT_DECIDED = "conflict_decided"
    SURVEY = "survey"
    TICKET = "ticket"
    REPLY = "reply"
    ADVOCATE = "advocate"
    LESSON = "lesson"
    RENEWAL = "renewal"  # what a person expects at the renewal, and why
    DRAFT = "draft"
    """What a person decided about a draft; or that the first mails of a customer are drafts."""
    NOTE = "note"
    PLAN_LINK = "plan_link"
    PERSON_NAMED = "person_named"
    MILESTONE_CLAIMED = "milestone_claimed"
    DATE_PROPOSED = "date_proposed"
    CALL_PROPOSED = "call_proposed"
    BLOCKED = "blocked"
    MAIL_PACE = "mail_pace"
    SKIP_STAGE = "skip_stage"
    RETIER = "retier"
    REASSIGN = "reassign"
    ADOPT = "adopt"


class Severity(StrEnum):
    """How urgent a stall is, the most severe first."""

    CRITICAL = "critical"
    WARNING = "warning"
    LOW = "low"
    """For the daily digest alone; the others climb the ladder."""


SEVERITIES = tuple(Severity)


class NewsKind(StrEnum):
    """What happened to a cause of an episode."""

    FOUND = "found"
    CRITICAL = "critical"
    EASED = "eased"
    """It is critical no longer."""
    CLIMBED = "climbed"
    """It reached the next rung of the ladder."""
    MOVED = "moved"
    """Another role has the move. Whoever of ours had it, or has it now, is told."""
    GONE = "gone"


class TouchpointOutcome(StrEnum):
    """How the occurrence of a step was settled."""

    PLANNED = "planned"
    """Its effects exist."""
    SKIPPED = "skipped"
    MERGED = "merged"
    ASKED = "asked"
    """The owner was asked to do it."""
    TASK = "task"


class HandoffItem(StrEnum):
    """The five items that sales owes (HO-1 to HO-5), spelt like the CRM's fields."""

    GOALS = "goals"
    SUCCESS_METRICS = "success_metrics"
    COMMITMENTS = "commitments"
    TECHNICAL_REQUIREMENTS = "technical_requirements"
    TIMELINE = "timeline"


class GoalKind(StrEnum):
    """The kind of value that a goal has for the customer (SX-6)."""

    EFFICIENCY = "efficiency"
    COST = "cost"
    REVENUE = "revenue"
    RISK = "risk"


class PromiseState(StrEnum):
    """The outcome of a promise (SX-4)."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


class SurveyKind(StrEnum):
    """The questions that a customer's people are asked; each has its scale (``onboarding.facts.feedback``)."""

    CES = "ces"
    CSAT = "csat"
    NPS = "nps"
    EFFORT = "effort"
    SATISFACTION = "satisfaction"
    PULSE = "pulse"


class Advocacy(StrEnum):
    """What a contact may do for the vendor as an advocate (SX-15)."""

    REFERENCE = "reference"
    CASE_STUDY = "case_study"
    REFERRAL = "referral"


class RenewalOutlook(StrEnum):
    """What a risk review expects at the renewal."""

    RENEW = "renew"
    EXPAND = "expand"
    AT_RISK = "at_risk"
