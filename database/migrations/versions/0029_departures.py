"""When an effect last left; the keys of notes on absences begin with their day; usage by time names the account."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
KEPT = sa.table("key_value", sa.column("name", sa.String), sa.column("value", sa.String), sa.column("at", INSTANT))
LEARNED = "departed"


def upgrade() -> None:
    op.add_column("effect", sa.Column("departed_at", INSTANT, nullable=True))
    op.drop_index("ix_signal_at", table_name="signal")
    op.create_index("ix_signal_at", "signal", ["at", "account_id", "source_account"])
    _swap_parts()
    _since_when()


def downgrade() -> None:
    _swap_parts()
    kept = sa.select(KEPT.c.value).where(KEPT.c.name == LEARNED)
    if (value := op.get_bind().execute(kept).scalar()) is not None:
        _keep(sorted(json.loads(value)))
    op.drop_index("ix_signal_at", table_name="signal")
    op.create_index("ix_signal_at", "signal", ["at", "source_account"])
    op.drop_column("effect", "departed_at")


def _since_when() -> None:
    """Give each message that a restored database has learned of a moment; the counts of batches are needed no more."""
    conn = op.get_bind()
    row = conn.execute(sa.select(KEPT.c.value, KEPT.c.at).where(KEPT.c.name == LEARNED)).one_or_none()
    if row is not None:
        at = row.at if isinstance(row.at, str) else row.at.isoformat()
        _keep(dict.fromkeys(json.loads(row.value), at))
    conn.execute(sa.delete(KEPT).where(KEPT.c.name.startswith("left_from:")))


def _keep(learned: list[str] | dict[str, str]) -> None:
    op.get_bind().execute(sa.update(KEPT).where(KEPT.c.name == LEARNED).values(value=json.dumps(learned)))


def _swap_parts() -> None:
    """Swap the id of who is absent and the day in the keys of notes, the second and the third part."""
    conn = op.get_bind()
    effect = sa.table("effect", sa.column("key", sa.String), sa.column("kind", sa.String))
    for (key,) in conn.execute(sa.select(effect.c.key).where(effect.c.kind == "absence")).all():
        kind, one, other, *rest = key.split(":")
        conn.execute(sa.update(effect).where(effect.c.key == key).values(key=":".join((kind, other, one, *rest))))
