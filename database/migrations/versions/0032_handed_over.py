"""Roles that were handed over are found through an index."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    given = sa.text("kind = 'reassign'")
    op.create_index("ix_fact_reassign", "fact", ["onboarding_key"], sqlite_where=given, postgresql_where=given)


def downgrade() -> None:
    op.drop_index("ix_fact_reassign", table_name="fact")
