"""Stalls that closed lately found through an index."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    closed = sa.text("closed_at IS NOT NULL")
    columns = ["closed_at", "onboarding_key"]
    op.create_index("ix_escalation_closed", "escalation", columns, sqlite_where=closed, postgresql_where=closed)


def downgrade() -> None:
    op.drop_index("ix_escalation_closed", table_name="escalation")
