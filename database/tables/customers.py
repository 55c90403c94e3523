"""What the CRM and the product told us: our people, customers, deals, their people, and product usage."""

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, Table

from database.tables.columns import metadata, moment, structure, words

OWNER = Table(
    "owner",
    metadata,
    words("id", primary_key=True),
    words("name"),
    words("called", optional=True),
    words("email"),
    Column("active", Boolean, nullable=False),
    words("zone"),
    words("country", optional=True),
    words("manager_id", optional=True),
    words("booking_url", optional=True),
    words("digest"),
    moment("gone_at"),
    Index(None, "email"),
)

ACCOUNT = Table(
    "account",
    metadata,
    words("id", primary_key=True),
    words("name"),
    words("country", optional=True),
    words("zone", optional=True),
    words("domain", optional=True),
    words("industry", optional=True),
    words("tier", optional=True),
    words("csm_id", optional=True),
    words("owner_id", optional=True),
    Column("churned_on", Date),
    words("digest"),
    moment("gone_at"),
    Index(None, "domain"),
    Index(None, "name"),
)

PERSON = Table(
    "person",
    metadata,
    words("id", primary_key=True),
    words("account_id"),
    words("name"),
    words("called", optional=True),
    words("email", optional=True),
    words("title", optional=True),
    words("zone", optional=True),
    words("country", optional=True),
    Column("opted_out", Boolean, nullable=False),
    Column("left_on", Date),
    words("digest"),
    moment("gone_at"),
    Index(None, "account_id"),
    Index(None, "email"),
)

DEAL = Table(
    "deal",
    metadata,
    words("id", primary_key=True),
    words("account_id"),
    words("onboarding_key", optional=True),
    words("name"),
    Column("won", Boolean, nullable=False),
    words("stage_name"),
    moment("signed_at", optional=False),
    Column("close_on", Date, nullable=False),
    words("seller_id", optional=True),
    Column("amount", Float),
    words("price", optional=True),
    words("existing", optional=True),
    Column("seats", Integer),
    structure("handoff"),
    moment("handoff_seen_at"),
    moment("kickoff_at"),
    moment("kickoff_seen_at"),
    Column("go_live_on", Date),
    moment("removed_at"),
    words("digest"),
    Index(None, "account_id"),
    Index(None, "onboarding_key"),
)

STAKEHOLDER = Table(
    "stakeholder",
    metadata,
    words("deal_id", primary_key=True),
    words("person_id", primary_key=True),
    words("spelling", primary_key=True),
    words("role", optional=True),
    Column("is_primary", Boolean, nullable=False),
    words("source"),
    Index(None, "person_id"),
)

UNREADABLE = Table(
    "unreadable",
    metadata,
    words("id", primary_key=True),
    words("because"),
)

SIGNAL = Table(
    "signal",
    metadata,
    words("key", primary_key=True),
    words("source_account"),
    words("account_id", optional=True),
    words("name"),
    moment("at", optional=False),
    words("user"),
    Column("count", Integer, nullable=False),
    Index("ix_signal_use", "account_id", "name", "at", "user", "count"),
)
