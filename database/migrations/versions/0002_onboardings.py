"""Tables of onboardings and what belongs to them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "onboarding",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_times", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("tier_because", sa.String(), nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("adopted_at", INSTANT, nullable=True),
        sa.Column("blocked", sa.String(), nullable=True),
        sa.Column("assignments", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("crm_digests", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("tasks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("milestones", sa.String(), nullable=False),
        sa.Column("stages_at", INSTANT, nullable=True),
        sa.Column("check_ins_at", INSTANT, nullable=True),
        sa.Column("escalations_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_onboarding_account_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_onboarding")),
    )
    op.create_index(op.f("ix_onboarding_account_id"), "onboarding", ["account_id"], unique=False)
    op.create_index(
        "ix_onboarding_check_ins_at",
        "onboarding",
        ["check_ins_at", "key"],
        unique=False,
        sqlite_where=sa.text("check_ins_at IS NOT NULL"),
        postgresql_where=sa.text("check_ins_at IS NOT NULL"),
    )
    op.create_index(
        "ix_onboarding_escalations_at",
        "onboarding",
        ["escalations_at", "key"],
        unique=False,
        sqlite_where=sa.text("escalations_at IS NOT NULL"),
        postgresql_where=sa.text("escalations_at IS NOT NULL"),
    )
    op.create_index(
        "ix_onboarding_stages_at",
        "onboarding",
        ["stages_at", "key"],
        unique=False,
        sqlite_where=sa.text("stages_at IS NOT NULL"),
        postgresql_where=sa.text("stages_at IS NOT NULL"),
    )
    op.create_table(
        "escalation",
        sa.Column("onboarding_key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("waiting_on", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("next_step", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_at", INSTANT, nullable=True),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("acked_at", INSTANT, nullable=True),
        sa.Column("acked_by", sa.String(), nullable=True),
        sa.Column("snoozed_until", INSTANT, nullable=True),
        sa.Column("resolved_reason", sa.String(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_escalation_onboarding_key")),
        sa.PrimaryKeyConstraint("onboarding_key", "number", name=op.f("pk_escalation")),
    )
    op.create_index(
        "ix_escalation_open",
        "escalation",
        ["onboarding_key"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "fact",
        sa.Column("onboarding_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("learned_at", INSTANT, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_fact_onboarding_key")),
        sa.PrimaryKeyConstraint("onboarding_key", "key", name=op.f("pk_fact")),
    )
    op.create_table(
        "goal",
        sa.Column("onboarding_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_goal_onboarding_key")),
        sa.PrimaryKeyConstraint("onboarding_key", "position", name=op.f("pk_goal")),
    )
    op.create_table(
        "hold",
        sa.Column("onboarding_key", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("resume", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_hold_onboarding_key")),
        sa.PrimaryKeyConstraint("onboarding_key", "since", name=op.f("pk_hold")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("onboarding_key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_journal_onboarding_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_onboarding_key_id"), "journal", ["onboarding_key", "id"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("onboarding_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("owner_role", sa.String(), nullable=False),
        sa.Column("exit", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_milestone_onboarding_key")),
        sa.PrimaryKeyConstraint("onboarding_key", "name", name=op.f("pk_milestone")),
    )
    op.create_table(
        "touchpoint",
        sa.Column("onboarding_key", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_touchpoint_onboarding_key")),
        sa.PrimaryKeyConstraint("onboarding_key", "step", "occurrence", name=op.f("pk_touchpoint")),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    for name in ["touchpoint", "milestone", "journal", "hold", "goal", "fact", "escalation", "onboarding"]:
        op.drop_table(name)
