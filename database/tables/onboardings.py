"""One onboarding and all that hangs on it."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from database.tables.columns import metadata, moment, structure, words


def _of(name: str = "onboarding_key", *, key: bool = False, optional: bool = False) -> "Column[str]":
    return Column(name, String, ForeignKey("onboarding.key"), primary_key=key, nullable=optional)


ONBOARDING = Table(
    "onboarding",
    metadata,
    words("key", primary_key=True),
    Column("account_id", String, ForeignKey("account.id"), nullable=False),
    Column("version", Integer, nullable=False),
    words("status"),
    words("stage"),
    structure("stage_times"),
    words("tier", optional=True),
    words("tier_because"),
    words("playbook"),
    moment("opened_at", optional=False),
    moment("adopted_at"),
    words("blocked", optional=True),
    structure("assignments"),
    words("closed_reason", optional=True),
    structure("crm_digests"),
    moment("signed_at", optional=False),
    words("owner_id", optional=True),
    structure("tasks"),
    Column("summary", Text, nullable=False),
    words("urgency"),
    words("outcome"),
    words("milestones"),
    moment("stages_at"),
    moment("check_ins_at"),
    moment("escalations_at"),
    Index(None, "account_id"),
)

MILESTONE = Table(
    "milestone",
    metadata,
    _of(key=True),
    words("name", primary_key=True),
    words("title"),
    words("stage"),
    words("side"),
    words("owner_role"),
    Column("exit", Boolean, nullable=False),
    words("status"),
    moment("due_at"),
    moment("done_at"),
    words("done_by", optional=True),
    words("reason", optional=True),
)

GOAL = Table(
    "goal",
    metadata,
    _of(key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    words("metric"),
    Column("baseline", Float, nullable=False),
    Column("target", Float, nullable=False),
    words("unit"),
    words("due"),
    moment("at", optional=False),
    words("by"),
)

FACT = Table(
    "fact",
    metadata,
    _of(key=True),
    words("key", primary_key=True),
    words("kind"),
    words("name"),
    moment("at", optional=False),
    moment("learned_at", optional=False),
    words("source"),
    words("by"),
    structure("value"),
)

TOUCHPOINT = Table(
    "touchpoint",
    metadata,
    _of(key=True),
    words("step", primary_key=True),
    words("occurrence", primary_key=True),
    words("outcome"),
    moment("at", optional=False),
    words("because"),
)

HOLD = Table(
    "hold",
    metadata,
    _of(key=True),
    Column("since", moment("since").type, primary_key=True),
    words("reason"),
    words("by"),
    moment("until"),
    moment("ended_at"),
    words("resume"),
)

ESCALATION = Table(
    "escalation",
    metadata,
    _of(key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    words("kind"),
    words("severity"),
    words("cause"),
    words("waiting_on"),
    moment("since", optional=False),
    words("next_step"),
    moment("opened_at", optional=False),
    Column("level", Integer, nullable=False),
    moment("level_at"),
    Column("posts", Integer, nullable=False),
    moment("reminded_at"),
    moment("acked_at"),
    words("acked_by", optional=True),
    moment("snoozed_until"),
    moment("answered_at"),
    words("resolved_reason", optional=True),
    moment("closed_at"),
)

JOURNAL = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    moment("at", optional=False),
    _of(optional=True),
    words("kind"),
    words("about"),
    words("because"),
    words("playbook"),
    words("by"),
    Index(None, "onboarding_key", "id"),
)
