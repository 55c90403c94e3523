"""The health score of each onboarding, day by day."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    history = sa.Column("health_history", sa.JSON(none_as_null=True), nullable=False, server_default="[]")
    op.add_column("onboarding", history)


def downgrade() -> None:
    op.drop_column("onboarding", "health_history")
