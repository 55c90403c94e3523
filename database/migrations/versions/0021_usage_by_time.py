"""Usage by time, and the role of a user as the source gives it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signal", sa.Column("role", sa.String(), nullable=False, server_default=""))
    given = sa.text("role <> ''")
    columns = ["account_id", "user", "role", "at"]
    op.create_index("ix_signal_role", "signal", columns, sqlite_where=given, postgresql_where=given)
    op.create_index("ix_signal_at", "signal", ["at", "source_account"])


def downgrade() -> None:
    op.drop_index("ix_signal_at", table_name="signal")
    op.drop_index("ix_signal_role", table_name="signal")
    op.drop_column("signal", "role")
