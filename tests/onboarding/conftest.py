"""Builders for the tests of the rules: a small valid playbook, and one onboarding that is easy to bend.

The fixtures hand out pure functions and live as long as the session, so property tests may use them too.
The default case was signed on Monday 2 March 2026, 09:00 UTC, by a company in Berlin; its handoff is
complete and holds one measurable goal, everybody has an address, and nothing else has happened yet.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.documents import adapter
from onboarding.case import Case, Fact, Progress
from onboarding.parties import Account, Deal, Owner, Person, Stakeholder
from onboarding.playbook import Playbook
from onboarding.usage import SignalUse, Usage
from onboarding.words import CustomerRole, HandoffItem, Stage, Tier

SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = "006000000000001AAA"

OWNERS = {
    "005SELLER": Owner(id="005SELLER", name="Sam Seller", email="sam@vendor.test", zone="Europe/Berlin"),
    "005CSM": Owner(
        id="005CSM",
        name="Cleo Santos",
        email="cleo@vendor.test",
        zone="Europe/Berlin",
        country="DE",
        manager_id="005MANAGER",
        booking_url="https://book.vendor.test/cleo",
    ),
    "005MANAGER": Owner(
        id="005MANAGER",
        name="Mona Grant",
        email="mona@vendor.test",
        zone="Europe/London",
        manager_id="005EXEC",
    ),
    "005EXEC": Owner(id="005EXEC", name="Eve Xu", email="eve@vendor.test", zone="America/New_York"),
}

PEOPLE = tuple(
    Person(
        id=f"003{role.name}",
        name=name,
        email=f"{name.split()[0].lower()}@kunde.test",
        zone="Europe/Berlin",
        country="DE",
    )
    for role, name in (
        (CustomerRole.CHAMPION, "Hanna Weber"),
        (CustomerRole.EXECUTIVE_SPONSOR, "Erik Brandt"),
        (CustomerRole.TECHNICAL_ADMIN, "Tom Adler"),
        (CustomerRole.IT_SECURITY, "Ina Sommer"),
        (CustomerRole.MANAGER, "Max Krause"),
        (CustomerRole.ECONOMIC_BUYER, "Franka Berg"),
        (CustomerRole.END_USER, "Ulla Nolte"),
    )
)

HANDOFF = {
    HandoffItem.GOALS: "Answer quotes faster than the two competitors",
    HandoffItem.SUCCESS_METRICS: "Quote turnaround | 48 | 4 | hours | 2026-04-30",
    HandoffItem.COMMITMENTS: "Single sign-on before go-live",
    HandoffItem.TECHNICAL_REQUIREMENTS: "SAP connection, EU hosting",
    HandoffItem.TIMELINE: "Live before the spring fair",
}

# name, side, owner, due, further fields
_MILESTONES: Mapping[str, tuple[tuple[str, str, str, dict[str, Any], dict[str, Any]], ...]] = {
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
_STALLS = (
    "handoff_incomplete",
    "kickoff_not_booked",
    "stage_overdue",
    "milestone_overdue",
    "no_activity",
    "no_activation",
    "silent_drop_off",
    "sponsor_missing",
    "champion_missing",
    "champion_left",
    "criterion_lost",
    "nobody_to_write_to",
    "owner_missing",
    "thin_map",
    "message_missed",
)


def _stage(name: str) -> dict[str, Any]:
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


def _step(name: str, due: dict[str, Any], **more: Any) -> dict[str, Any]:
    to, topic = more.pop("to", ("champion",)), more.pop("topic", "check_in")
    step = {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "due": {**due, "source": "ours"},
        "late": {"send_for_hours": 72, "then": "skip", "source": "ours"},
        **more,
    }
    if "slack" not in more:
        step["mail"] = {
            "template": name,
            "topic": topic,
            "to": {"roles": to, "otherwise": ["executive_sponsor"]},
        }
    return step


STEPS: tuple[dict[str, Any], ...] = (
    _step(
        "welcome",
        {"from": "signature"},
        topic="welcome",
        handoff_first=False,
        to=("champion", "executive_sponsor"),
        priority=90,
    ),
    _step(
        "kickoff_invitation",
        {"from": "signature", "hours": 1},
        topic="kickoff_invitation",
        handoff_first=False,
        unless=("kickoff_booked",),
    ),
    _step("kickoff_recap", {"from": "milestone:kickoff_held", "hours": 4}, topic="kickoff_recap"),
    _step(
        "technical_pack",
        {"from": "stage"},
        topic="technical_documentation",
        stage="setup",
        to=("technical_admin",),
    ),
    _step(
        "security_pack",
        {"from": "stage"},
        topic="security_documentation",
        stage="setup",
        to=("it_security",),
        unless=("security_review",),
    ),
    _step(
        "training_end_users",
        {"from": "stage"},
        topic="end_user_training",
        stage="training",
        to=("end_user",),
        again_for_new_holder=True,
    ),
    _step(
        "status_update",
        {"from": "kickoff", "days": 14},
        topic="progress_update",
        group="check_ins",
        every={"days": 14, "source": "TH-16"},
        while_in=("setup", "training"),
        late={"send_for_hours": 48, "then": "merge", "source": "ours"},
    ),
    _step("check_in_7", {"from": "check_ins", "days": 7}, group="check_ins", handoff_first=False),
    _step("check_in_30", {"from": "check_ins", "days": 30}, group="check_ins", handoff_first=False),
    _step(
        "check_in_90",
        {"from": "check_ins", "days": 90},
        group="check_ins",
        handoff_first=False,
        after_completion=True,
        late={"send_for_hours": 168, "then": "ask_owner", "source": "ours"},
    ),
    _step(
        "risk_review",
        {"from": "signature", "days": 90},
        group="check_ins",
        handoff_first=False,
        after_completion=True,
        slack={"to": ["csm"], "says": "Ninety days since {{ account }} signed."},
    ),
    {
        **_step("activation", {"from": "activation"}, topic="celebration"),
        "slack": {"to": ["csm"], "says": "{{ account }} reached its first value."},
    },
    _step(
        "transition",
        {"from": "milestone:next_plan_agreed", "days": 1},
        topic="transition",
        after_completion=True,
    ),
)


def build_playbook(tier: str = "mid", **changes: Any) -> Playbook:
    """A valid playbook of our own; a keyword replaces a top-level field as it would stand in YAML."""
    raw: dict[str, Any] = {
        "tier": tier,
        "title": f"Test playbook, {tier}",
        "target": {"days": 45, "source": "TH-9"},
        "check_in_anchor": "go_live" if tier == "high" else "signature",
        "go_live_grace_days": 30,
        "pace": {
            "hours": [{"start": "09:00", "end": "17:00"}],
            "mails_per_person_and_day": 2,
            "source": "ours",
        },
        "stakeholders": {"at_least": 2, "thin_below": 6 if tier == "high" else 0, "source": "SH-3"},
        "sponsor_expected": tier == "high",
        "stages": {name: _stage(name) for name in EXITS},
        "steps": STEPS,
        "stalls": {
            name: {"severity": "warning", "next_step": f"Look into {name}", "source": "ours"} for name in _STALLS
        },
        "ladder": {
            "rungs": [
                {"to": "csm", "after_working_hours": 0},
                {"to": "cs_manager", "after_working_hours": 16},
                {"to": "executive_sponsor", "after_working_hours": 40},
            ],
            "remind_every_working_days": 2,
            "ack_rests_working_days": 3,
            "source": "ours",
        },
    }
    return adapter(Playbook).validate_python({**raw, **changes})


def build_deal(**changes: Any) -> Deal:
    """The won deal of the default case."""
    given: dict[str, Any] = {
        "id": KEY,
        "name": "Kunde GmbH 2026",
        "signed_at": SIGNED,
        "amount": 60000.0,
        "seats": 120,
        "seller_id": "005SELLER",
        "handoff": HANDOFF,
        "handoff_seen_at": SIGNED,
    }
    return Deal(**{**given, **changes})


def build_account(**changes: Any) -> Account:
    """The customer of the default case."""
    given: dict[str, Any] = {
        "id": "001000000000001AAA",
        "name": "Kunde GmbH",
        "country": "DE",
        "zone": "Europe/Berlin",
        "domain": "kunde.test",
        "csm_id": "005CSM",
        "owner_id": "005SELLER",
    }
    return Account(**{**given, **changes})


def build_case(**changes: Any) -> Case:
    """The default case; a keyword replaces a field of ``Case`` whole."""
    given: dict[str, Any] = {
        "key": KEY,
        "version": 1,
        "account": build_account(),
        "deals": (build_deal(),),
        "people": PEOPLE,
        "stakeholders": tuple(
            Stakeholder(person_id=person.id, role=CustomerRole[person.id.removeprefix("003")]) for person in PEOPLE
        ),
        "owners": OWNERS,
        "usage": Usage(known=True, read_at=SIGNED),
        "progress": Progress(
            stage=Stage.HANDOFF,
            stage_times={Stage.HANDOFF: SIGNED},
            tier=Tier.MID,
            tier_because="120 seats",
            playbook="0" * 64,
            opened_at=SIGNED + timedelta(minutes=10),
        ),
    }
    return Case(**{**given, **changes})


def build_fact(kind: str, name: str = "", at: datetime = SIGNED, **changes: Any) -> Fact:
    """A report by Cleo, learned when it happened; its key is its content unless one is given."""
    value = changes.get("value", {})
    given: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "at": at,
        "learned_at": at,
        "source": "record",
        "by": "cleo@vendor.test",
        "key": f"{kind}:{name}:{at.isoformat()}:{sorted(value.items())}",
    }
    return Fact(**{**given, **changes})


def build_use(name: str, *events: tuple[datetime, str]) -> SignalUse:
    """What a signal has shown: each event a moment and a user."""
    ordered = sorted(events)
    return SignalUse(
        name=name,
        total=len(ordered),
        users=len({user for _, user in ordered}),
        first_at=ordered[0][0],
        last_at=ordered[-1][0],
        events=tuple((at, user, 1) for at, user in ordered),
    )


def build_done(*names: str, at: datetime = SIGNED + timedelta(days=1)) -> tuple[Fact, ...]:
    """A done report for each named milestone, all at one moment."""
    return tuple(build_fact("milestone", name, at) for name in names)


@pytest.fixture(scope="session")
def signed() -> datetime:
    """When the default deal was signed: Monday 2 March 2026, 09:00 UTC."""
    return SIGNED


@pytest.fixture(scope="session")
def make_playbook() -> Callable[..., Playbook]:
    """``make_playbook(tier="mid", **fields)``."""
    return build_playbook


@pytest.fixture(scope="session")
def make_case() -> Callable[..., Case]:
    """``make_case(**fields of Case)``."""
    return build_case


@pytest.fixture(scope="session")
def make_deal() -> Callable[..., Deal]:
    """``make_deal(**fields of Deal)``."""
    return build_deal


@pytest.fixture(scope="session")
def make_account() -> Callable[..., Account]:
    """``make_account(**fields of Account)``."""
    return build_account


@pytest.fixture(scope="session")
def make_fact() -> Callable[..., Fact]:
    """``make_fact(kind, name, at, **fields of Fact)``."""
    return build_fact


@pytest.fixture(scope="session")
def make_use() -> Callable[..., SignalUse]:
    """``make_use("login", (when, user), ...)``."""
    return build_use


@pytest.fixture(scope="session")
def make_done() -> Callable[..., tuple[Fact, ...]]:
    """``make_done("kickoff_held", ..., at=when)``: a done report for each."""
    return build_done
