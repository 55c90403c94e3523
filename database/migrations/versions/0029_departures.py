"""When an effect last left; the keys of notes on absences begin with their day; usage by time names the account."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("effect", sa.Column("departed_at", INSTANT, nullable=True))
    op.drop_index("ix_signal_at", table_name="signal")
    op.create_index("ix_signal_at", "signal", ["at", "account_id", "source_account"])
    _swap_parts()


def downgrade() -> None:
    _swap_parts()
    op.drop_index("ix_signal_at", table_name="signal")
    op.create_index("ix_signal_at", "signal", ["at", "source_account"])
    op.drop_column("effect", "departed_at")


def _swap_parts() -> None:
    """Swap the id of who is absent and the day in the keys of notes, the second and the third part."""
    conn = op.get_bind()
    effect = sa.table("effect", sa.column("key", sa.String), sa.column("kind", sa.String))
    for (key,) in conn.execute(sa.select(effect.c.key).where(effect.c.kind == "absence")).all():
        kind, one, other, *rest = key.split(":")
        conn.execute(sa.update(effect).where(effect.c.key == key).values(key=":".join((kind, other, one, *rest))))
