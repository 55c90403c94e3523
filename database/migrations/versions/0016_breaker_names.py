"""Renames: a breaker is found by its ``channel``, and says whether it ``needs_person``."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("breaker", "lane", new_column_name="channel", existing_type=sa.String())
    op.alter_column("breaker", "whole_lane", new_column_name="needs_person", existing_type=sa.Boolean())


def downgrade() -> None:
    op.alter_column("breaker", "needs_person", new_column_name="whole_lane", existing_type=sa.Boolean())
    op.alter_column("breaker", "channel", new_column_name="lane", existing_type=sa.String())
