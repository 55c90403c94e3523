"""The terms of an onboarding as the vendor's people read them in Slack, in English."""

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPhrases(Written):
    """Names of roles, sides, causes and the like, as they stand inside a sentence, and forms of time."""

    role_account_executive: str = "seller"
    role_csm: str = "CSM"
    role_onboarding_specialist: str = "onboarding specialist"
    role_implementation_engineer: str = "implementation engineer"
    role_cs_manager: str = "CS manager"
    role_executive_sponsor: str = "executive sponsor"
    role_champion: str = "champion"
    role_technical_admin: str = "technical admin"
    role_it_security: str = "IT security"
    role_manager: str = "manager"
    role_economic_buyer: str = "economic buyer"
    role_end_user: str = "end user"

    side_vendor: str = "us"
    side_customer: str = "the customer"
    side_third_party: str = "a third party"

    mover_vendor: str = "us"
    mover_customer: str = "the customer"
    mover_third_party: str = "a third party"
    """The same sides, as those who have the move."""

    item_goals: str = "goals"
    item_success_metrics: str = "success metrics"
    item_commitments: str = "commitments"
    item_technical_requirements: str = "technical requirements"
    item_timeline: str = "timeline"

    severity_critical: str = "critical"
    severity_warning: str = "warning"
    severity_low: str = "low"

    status_active: str = "active"
    status_on_hold: str = "on hold"
    status_completed: str = "completed"
    status_churned: str = "churned"
    status_cancelled: str = "cancelled"

    cause_handoff_incomplete: str = "handoff incomplete"
    cause_kickoff_not_booked: str = "kickoff not booked"
    cause_stage_overdue: str = "stage overdue"
    cause_milestone_overdue: str = "milestone overdue"
    cause_criterion_lost: str = "criterion lost"
    cause_sponsor_missing: str = "sponsor missing"
    cause_champion_missing: str = "champion missing"
    cause_champion_left: str = "champion left"
    cause_nobody_to_write_to: str = "nobody to write to"
    cause_owner_missing: str = "owner missing"
    cause_thin_map: str = "thin map"
    cause_no_activity: str = "no activity"
    cause_no_activation: str = "no activation"
    cause_silent_drop_off: str = "silent drop off"
    cause_conflict_undecided: str = "conflict undecided"
    cause_decision_maker_opposed: str = "decision maker opposed"
    cause_health_falling: str = "health falling"
    cause_value_not_shown: str = "value not shown"
    cause_few_users: str = "few users"

    health_milestones: str = "milestones"
    health_use: str = "use"
    health_breadth: str = "breadth"
    health_depth: str = "depth"
    health_goals: str = "goals"
    health_tickets: str = "tickets"
    health_sponsor: str = "sponsor"
    health_responsiveness: str = "responsiveness"
    health_effort: str = "effort"

    the_champion: str = "the champion"
    the_sponsor: str = "the executive sponsor"
    the_technical_admin: str = "the technical administrator"
    the_owner: str = "the accountable owner"
    the_seller: str = "the seller"
    the_manager: str = "the CS manager"
    somebody: str = "somebody"
    nobody: str = "nobody"

    quoted: str = "“{text}”"
    span_days: Counted = Counted(one="{count} day", other="{count} days")
    span_hours: Counted = Counted(one="{count} hour", other="{count} hours")
    span_under_an_hour: str = "less than an hour"
    moment: str = "{day}, {time}"
