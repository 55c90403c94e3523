"""Slack messages counted by reader and day through an index."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counted = sa.text("channel = 'slack' AND mail_day IS NOT NULL")
    columns = ["person_id", "mail_day"]
    op.create_index("ix_effect_slack_day", "effect", columns, sqlite_where=counted, postgresql_where=counted)


def downgrade() -> None:
    op.drop_index("ix_effect_slack_day", table_name="effect")
