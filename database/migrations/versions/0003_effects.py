"""Tables of effects, stops, cursors, playbooks and problems."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "crm_row",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("onboarding_key", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("conflict", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_crm_row")),
    )
    op.create_index(op.f("ix_crm_row_onboarding_key"), "crm_row", ["onboarding_key"], unique=False)
    op.create_table(
        "cursor",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursor")),
    )
    op.create_table(
        "playbook",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_playbook")),
    )
    op.create_table(
        "set_aside",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("source", "record", "field", "problem", name=op.f("pk_set_aside")),
    )
    op.create_table(
        "stop",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_stop")),
    )
    op.create_table(
        "effect",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("onboarding_key", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("mail_to", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.Column("first_try_at", INSTANT, nullable=True),
        sa.Column("first_left_at", INSTANT, nullable=True),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_effect_onboarding_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_effect")),
        sa.UniqueConstraint(
            "onboarding_key",
            "kind",
            "occurrence",
            "mail_to",
            name=op.f("uq_effect_onboarding_key_kind_occurrence_mail_to"),
        ),
    )
    op.create_index(
        "ix_effect_claim",
        "effect",
        ["channel", "not_before", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_effect_lease",
        "effect",
        ["lease_token"],
        unique=False,
        sqlite_where=sa.text("state IN ('leased', 'sending')"),
        postgresql_where=sa.text("state IN ('leased', 'sending')"),
    )
    op.create_index(op.f("ix_effect_onboarding_key"), "effect", ["onboarding_key"], unique=False)
    op.create_index(
        "ix_effect_over",
        "effect",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state IN ('leased', 'sending')"),
        postgresql_where=sa.text("state IN ('leased', 'sending')"),
    )
    op.create_index(
        "ix_effect_trouble",
        "effect",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('unknown', 'dead')"),
        postgresql_where=sa.text("state IN ('unknown', 'dead')"),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    for name in ["effect", "stop", "set_aside", "playbook", "cursor", "crm_row"]:
        op.drop_table(name)
