"""The working calendars that reviews counted by."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar",
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("weekend", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("days_off", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_calendar")),
    )


def downgrade() -> None:
    op.drop_table("calendar")
