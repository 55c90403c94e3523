"""What is owed to the outside world, and what the work itself must remember."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from database.tables.columns import metadata, moment, structure, words

EFFECT = Table(
    "effect",
    metadata,
    words("key", primary_key=True),
    Column("onboarding_key", String, ForeignKey("onboarding.key")),
    words("channel"),
    words("kind"),
    words("occurrence"),
    words("person_id"),
    words("recipient"),
    words("mail_to", optional=True),
    # The day of its reader on which it counts as theirs (ISO), once it is about to leave: see database/quota.py.
    words("mail_day", optional=True),
    words("role"),
    words("state"),
    moment("due_at", optional=False),
    moment("not_before", optional=False),
    moment("expires_at"),
    words("because"),
    structure("data"),
    Column("payload", Text),
    moment("created_at", optional=False),
    Column("attempts", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("in_doubt", Boolean, nullable=False),
    # Refused for now for a reason that may need a person: told once, and tried again all the same.
    Column("needs_person", Boolean, nullable=False, server_default=false()),
    moment("first_try_at"),
    moment("first_left_at"),
    words("lease_token", optional=True),
    moment("lease_until"),
    moment("sent_at"),
    words("provider_id", optional=True),
    words("error", optional=True),
    # One address gets one mail for a step and occurrence, whoever shares it (several NULLs are no clash).
    UniqueConstraint("onboarding_key", "kind", "occurrence", "mail_to"),
    Index(None, "onboarding_key"),
)

STOP = Table(
    "stop",
    metadata,
    words("channel", primary_key=True),
    words("reason"),
    words("by"),
    moment("at", optional=False),
)

CURSOR = Table(
    "cursor",
    metadata,
    words("name", primary_key=True),
    Column("value", Text, nullable=False),
    moment("at", optional=False),
)

PLAYBOOK = Table(
    "playbook",
    metadata,
    words("hash", primary_key=True),
    words("tier"),
    Column("content", Text, nullable=False),
    moment("at", optional=False),
)

CALENDAR = Table(
    "calendar",
    metadata,
    words("country", primary_key=True),
    Column("first_year", Integer, nullable=False),
    Column("last_year", Integer, nullable=False),
    structure("weekend"),
    structure("days_off"),
)

SET_ASIDE = Table(
    "set_aside",
    metadata,
    words("source", primary_key=True),
    words("record", primary_key=True),
    words("field", primary_key=True),
    words("problem", primary_key=True),
    moment("first_seen_at", optional=False),
    moment("seen_at", optional=False),
    moment("told_at"),
    moment("gone_at"),
)

CRM_ROW = Table(
    "crm_row",
    metadata,
    words("key", primary_key=True),
    words("onboarding_key"),
    structure("values"),
    structure("conflict", optional=True),
    moment("at", optional=False),
    Index(None, "onboarding_key"),
)
