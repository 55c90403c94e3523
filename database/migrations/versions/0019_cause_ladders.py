"""The causes of an episode, each with its own ladder, and the news of what happened to them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("causes", "news"):
        op.add_column("escalation", sa.Column(name, sa.JSON(none_as_null=True), nullable=False, server_default="[]"))


def downgrade() -> None:
    for name in ("news", "causes"):
        op.drop_column("escalation", name)
