"""Since when users and customer of an onboarding are out of balance."""

import sqlalchemy as sa
from alembic import op

from database.tables.columns import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("onboarding", sa.Column("unbalanced_at", Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("onboarding", "unbalanced_at")
