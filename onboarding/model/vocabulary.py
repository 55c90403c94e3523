"""The words of the trade, spelt once. The database keeps them as text; these enums live in Python alone."""

from enum import StrEnum


class Stage(StrEnum):
    """The five stages of an onboarding in order, and its end (ST-1 to ST-5)."""

    HANDOFF = "handoff"
    KICKOFF = "kickoff"
    SETUP = "setup"
    TRAINING = "training"
    FIRST_VALUE = "first_value"
    DONE = "done"


STAGES: tuple[Stage, ...] = tuple(stage for stage in Stage if stage is not Stage.DONE)


class Status(StrEnum):
    """Where an onboarding stands as a whole."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CHURNED = "churned"
    CANCELLED = "cancelled"


LIVE = frozenset({Status.ACTIVE, Status.ON_HOLD})


class Tier(StrEnum):
    """How much attention an account gets (TI-H, TI-M, TI-L)."""

    HIGH = "high"
    MID = "mid"
    TECH = "tech"


class Side(StrEnum):
    """Who owes a piece of work, and so whose move it is (RO-9)."""

    VENDOR = "vendor"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class VendorRole(StrEnum):
    """Our people."""

    ACCOUNT_EXECUTIVE = "account_executive"
    CSM = "csm"
    ONBOARDING_SPECIALIST = "onboarding_specialist"
    IMPLEMENTATION_ENGINEER = "implementation_engineer"
    CS_MANAGER = "cs_manager"
    EXECUTIVE_SPONSOR = "executive_sponsor"


class CustomerRole(StrEnum):
    """The customer's people (SH-4)."""

    EXECUTIVE_SPONSOR = "executive_sponsor"
    CHAMPION = "champion"
    TECHNICAL_ADMIN = "technical_admin"
    IT_SECURITY = "it_security"
    MANAGER = "manager"
    ECONOMIC_BUYER = "economic_buyer"
    END_USER = "end_user"


class Channel(StrEnum):
    """The ways out of the house."""

    MAIL = "mail"
    SLACK = "slack"
    CRM = "crm"


class EffectState(StrEnum):
    """The life of one effect (docs/delivery.md)."""

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
"""What has left, may have left, or is about to."""


class Concern(StrEnum):
    """The three things a review can be asked to act on; each has a flow and a next moment of its own."""

    STAGES = "stages"
    CHECK_INS = "check_ins"
    ESCALATIONS = "escalations"


class HandoffItem(StrEnum):
    """The five items sales owes (HO-1 to HO-5), spelt as the CRM's fields are."""

    GOALS = "goals"
    SUCCESS_METRICS = "success_metrics"
    COMMITMENTS = "commitments"
    TECHNICAL_REQUIREMENTS = "technical_requirements"
    TIMELINE = "timeline"
