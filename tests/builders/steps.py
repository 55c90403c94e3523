"""The steps of the test playbook, as they stand in YAML before they are checked."""

from tests.builders.stages import Document


def _step(
    name: str,
    due: Document,
    *,
    to: tuple[str, ...] = ("champion",),
    topic: str = "check_in",
    slack: Document | None = None,
    **more: object,
) -> Document:
    """A step that sends a mail, or a post where ``slack`` is given; ``more`` are its further fields."""
    mail = {"template": name, "topic": topic, "to": {"roles": to, "otherwise": ["executive_sponsor"]}}
    return {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "due": {**due, "source": "ours"},
        "late": {"send_for_hours": 72, "then": "skip", "source": "ours"},
        **({"mail": mail} if slack is None else {"slack": slack}),
        **more,
    }


STEPS: tuple[Document, ...] = (
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
