"""Indexes of what is counted for monitoring: withheld effects, onboardings by status and stage, records set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _only("ix_effect_withheld", "effect", "channel", "state = 'withheld'")
    _only("ix_set_aside_open", "set_aside", "source", "gone_at IS NULL")
    op.create_index("ix_onboarding_status", "onboarding", ["status", "stage"])


def downgrade() -> None:
    op.drop_index("ix_onboarding_status", table_name="onboarding")
    op.drop_index("ix_set_aside_open", table_name="set_aside")
    op.drop_index("ix_effect_withheld", table_name="effect")


def _only(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
