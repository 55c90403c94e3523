"""Requests for a second person, and how whoever stands in the journal was known."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("journal", sa.Column("known", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "approval",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("onboarding_key", sa.String(), sa.ForeignKey("onboarding.key"), nullable=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_known", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
    )
    op.create_index("ix_approval_onboarding_key", "approval", ["onboarding_key"])
    op.create_index("ix_approval_state", "approval", ["state"])


def downgrade() -> None:
    op.drop_table("approval")
    op.drop_column("journal", "known")
