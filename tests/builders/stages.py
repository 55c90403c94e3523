"""The stages of the test playbook with their milestones, as they stand in YAML before they are checked."""

from collections.abc import Mapping

Document = dict[str, object]

# name, side, owner, due, further fields
_MILESTONES: Mapping[str, tuple[tuple[str, str, str, Document, Document], ...]] = {
    "handoff": (
        (
            "handoff_documented",
            "vendor",
            "account_executive",
            {"from": "signature", "days": 1},
            {"proof": "handoff_complete"},
        ),
        ("tier_assigned", "vendor", "cs_manager", {"from": "signature", "days": 1}, {"proof": "tier_set"}),
        ("materials_prepared", "vendor", "csm", {"from": "signature", "working_days": 2}, {}),
        ("kickoff_booked", "vendor", "csm", {"from": "signature", "hours": 48}, {"proof": "kickoff_booked"}),
        ("welcome_sent", "vendor", "csm", {"from": "signature", "days": 1}, {"proof": "welcome_sent"}),
    ),
    "kickoff": (
        ("kickoff_held", "vendor", "csm", {"from": "signature", "days": 14}, {}),
        ("goals_confirmed", "vendor", "csm", {"from": "kickoff", "days": 2}, {"proof": "goal_measurable"}),
        ("stakeholders_identified", "vendor", "csm", {"from": "kickoff", "days": 2}, {}),
        ("cadence_agreed", "vendor", "csm", {"from": "kickoff", "days": 2}, {}),
        ("plan_agreed", "customer", "champion", {"from": "kickoff", "days": 5}, {}),
        ("contacts_introduced", "vendor", "csm", {"from": "kickoff", "days": 1}, {}),
    ),
    "setup": (
        ("requirements_documented", "vendor", "implementation_engineer", {"from": "stage", "days": 3}, {}),
        ("security_review", "customer", "it_security", {"from": "stage", "days": 14}, {}),
        ("integrations_connected", "vendor", "implementation_engineer", {"from": "stage", "days": 10}, {}),
        ("access_configured", "customer", "technical_admin", {"from": "stage", "days": 10}, {}),
        (
            "validation_passed",
            "vendor",
            "implementation_engineer",
            {"from": "milestone:integrations_connected", "working_days": 3},
            {},
        ),
    ),
    "training": (
        ("role_training_delivered", "vendor", "csm", {"from": "stage", "days": 7}, {}),
        ("resources_shared", "vendor", "csm", {"from": "stage", "days": 2}, {}),
        ("live_sessions_held", "vendor", "csm", {"from": "stage", "days": 10}, {}),
        ("champion_enabled", "vendor", "csm", {"from": "stage", "days": 5}, {}),
        ("new_user_resources_shared", "vendor", "csm", {"from": "stage", "days": 10}, {}),
        ("usage_monitored", "vendor", "csm", {"from": "stage", "days": 7}, {}),
        ("check_ins_sent", "vendor", "csm", {"from": "check_ins", "days": 91}, {"proof": "check_ins_sent"}),
        ("blockers_addressed", "vendor", "csm", {"from": "stage", "days": 14}, {}),
        (
            "tasks_done_admins",
            "customer",
            "technical_admin",
            {"from": "stage", "days": 14},
            {
                "signal": {"signal": "admin_task_completed", "source": "ours"},
                "needs_role": "technical_admin",
            },
        ),
        (
            "tasks_done_end_users",
            "customer",
            "end_user",
            {"from": "stage", "days": 14},
            {
                "signal": {"signal": "task_completed", "users": 2, "count": 3, "source": "ours"},
                "needs_role": "end_user",
            },
        ),
        (
            "tasks_done_managers",
            "customer",
            "manager",
            {"from": "stage", "days": 14},
            {"signal": {"signal": "report_viewed", "source": "ours"}, "needs_role": "manager"},
        ),
        ("go_live", "customer", "champion", {"from": "stage", "days": 14}, {}),
    ),
    "first_value": (
        (
            "activation",
            "customer",
            "champion",
            {"from": "signature", "days": 30},
            {"signal": {"signal": "content_shared", "source": "GO-3"}},
        ),
        ("both_sides_told", "vendor", "csm", {"from": "activation", "days": 2}, {"proof": "activation_told"}),
        ("goals_checked", "vendor", "csm", {"from": "activation", "days": 7}, {}),
        ("next_plan_agreed", "vendor", "csm", {"from": "activation", "days": 7}, {}),
        ("owner_transferred", "vendor", "csm", {"from": "activation", "days": 7}, {"proof": "same_owner"}),
        ("account_plan_recorded", "vendor", "csm", {"from": "activation", "days": 7}, {}),
        ("wins_celebrated", "vendor", "csm", {"from": "activation", "days": 7}, {}),
        ("expansion_identified", "vendor", "csm", {"from": "activation", "days": 30}, {}),
        ("business_reviews_set", "vendor", "csm", {"from": "activation", "days": 14}, {}),
        ("health_tracked", "vendor", "csm", {"from": "activation", "days": 7}, {}),
        ("advocacy_developed", "vendor", "csm", {"from": "activation", "days": 60}, {}),
        ("learnings_documented", "vendor", "csm", {"from": "activation", "days": 14}, {}),
    ),
}

EXITS = {
    "handoff": (
        "goals",
        "success_metrics",
        "commitments",
        "technical_requirements",
        "timeline",
        "stakeholder_map",
        "tier",
        "accountable_owner",
    ),
    "kickoff": ("kickoff_held", "measurable_goal", "cadence_agreed", "plan_agreed"),
    "setup": tuple(row[0] for row in _MILESTONES["setup"]),
    "training": ("tasks_done_end_users", "tasks_done_admins"),
    "first_value": (
        "activation",
        "both_sides_told",
        "goals_checked",
        "next_plan_agreed",
        "owner_transferred",
        "account_plan_recorded",
    ),
}

_ALLOWED = {"handoff": 3, "kickoff": 14, "setup": 21, "training": 21, "first_value": 45}
_LEADERS = {
    "handoff": "account_executive",
    "kickoff": "csm",
    "setup": "implementation_engineer",
    "training": "csm",
    "first_value": "csm",
}


def _stage(name: str) -> Document:
    return {
        "objective": f"The objective of {name}",
        "customer_sees": f"What the customer sees in {name}",
        "owner": _LEADERS[name],
        "allowed": {"from": "stage", "days": _ALLOWED[name], "source": "ours"},
        "exit": EXITS[name],
        "milestones": [
            {
                "name": milestone,
                "title": milestone.replace("_", " ").capitalize(),
                "side": side,
                "owner": owner,
                "due": {**due, "source": "ours"},
                "source": "ours",
                **more,
            }
            for milestone, side, owner, due, more in _MILESTONES[name]
        ],
    }


STAGES: Document = {name: _stage(name) for name in EXITS}
