"""Finished onboardings by tier, whose durations are what forecasts go by."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    finished = sa.text("status = 'completed'")
    op.create_index(
        "ix_onboarding_finished", "onboarding", ["tier", "signed_at"], sqlite_where=finished, postgresql_where=finished
    )


def downgrade() -> None:
    op.drop_index("ix_onboarding_finished", table_name="onboarding")
