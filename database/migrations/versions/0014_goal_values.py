"""Where goals stand, as the CRM's deals say."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deal", sa.Column("goal_values", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("deal", "goal_values")
