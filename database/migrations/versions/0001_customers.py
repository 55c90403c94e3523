"""Tables of the CRM's records and of product usage."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("csm_id", sa.String(), nullable=True),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("churned_on", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(op.f("ix_account_domain"), "account", ["domain"], unique=False)
    op.create_index(op.f("ix_account_name"), "account", ["name"], unique=False)
    op.create_table(
        "deal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("onboarding_key", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=False),
        sa.Column("stage_name", sa.String(), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("close_on", sa.Date(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("handoff", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("handoff_seen_at", INSTANT, nullable=True),
        sa.Column("kickoff_at", INSTANT, nullable=True),
        sa.Column("kickoff_seen_at", INSTANT, nullable=True),
        sa.Column("go_live_on", sa.Date(), nullable=True),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
    )
    op.create_index(op.f("ix_deal_account_id"), "deal", ["account_id"], unique=False)
    op.create_index(op.f("ix_deal_onboarding_key"), "deal", ["onboarding_key"], unique=False)
    op.create_index(
        "ix_deal_waiting",
        "deal",
        ["signed_at"],
        unique=False,
        sqlite_where=sa.text("onboarding_key IS NULL"),
        postgresql_where=sa.text("onboarding_key IS NULL"),
    )
    op.create_table(
        "owner",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("manager_id", sa.String(), nullable=True),
        sa.Column("booking_url", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner")),
    )
    op.create_index(op.f("ix_owner_email"), "owner", ["email"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_account_id"), "person", ["account_id"], unique=False)
    op.create_index(op.f("ix_person_email"), "person", ["email"], unique=False)
    op.create_table(
        "signal",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("source_account", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_signal")),
    )
    op.create_index(
        "ix_signal_unmatched",
        "signal",
        ["source_account"],
        unique=False,
        sqlite_where=sa.text("account_id IS NULL"),
        postgresql_where=sa.text("account_id IS NULL"),
    )
    op.create_index("ix_signal_use", "signal", ["account_id", "name", "at", "user", "count"], unique=False)
    op.create_table(
        "stakeholder",
        sa.Column("deal_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("spelling", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "person_id", "spelling", name=op.f("pk_stakeholder")),
    )
    op.create_index(op.f("ix_stakeholder_person_id"), "stakeholder", ["person_id"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppression")),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    for name in ["suppression", "stakeholder", "signal", "person", "owner", "deal", "account"]:
        op.drop_table(name)
