"""A table has what the board filters, counts and sorts by: a page read and parsed every summary for it."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BATCH = 500
"""Summaries held in memory at once. Our choice."""
LIVE = ("active", "on_hold")
ONBOARDING = sa.table("onboarding", *map(sa.column, ("key", "urgency", "outcome", "summary")))


def upgrade() -> None:
    table = op.create_table(
        "board_line",
        sa.Column("onboarding_key", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("urgency", "status", "stage", "tier")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("owner", "covers_for")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("health_band", "folded_name")),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("stalled", "critical", "decision", "on_hold", "role_unheld")
        ),
        sa.ForeignKeyConstraint(["onboarding_key"], ["onboarding.key"], name=op.f("fk_board_line_onboarding_key")),
        sa.PrimaryKeyConstraint("onboarding_key", name=op.f("pk_board_line")),
    )
    op.create_index(op.f("ix_board_line_stage_urgency"), "board_line", ["stage", "urgency"])
    last = ""
    query = sa.select(ONBOARDING).where(ONBOARDING.c.outcome != "").order_by(ONBOARDING.c.key).limit(BATCH)
    while rows := op.get_bind().execute(query.where(ONBOARDING.c.key > last)).all():
        op.get_bind().execute(table.insert(), [_line(row.key, row.urgency, json.loads(row.summary)) for row in rows])
        last = rows[-1].key


def downgrade() -> None:
    op.drop_table("board_line")


def _line(key: str, urgency: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a summary; one of an older version lacks the fields that came later."""
    live = summary["status"] in LIVE
    return {
        "onboarding_key": key,
        "urgency": urgency,
        **{name: summary[name] for name in ("status", "stage", "tier", "owner", "health_band")},
        "covers_for": summary.get("covers_for"),
        "folded_name": summary["account_name"].casefold(),
        "stalled": live and bool(summary["stalled_since"]),
        "critical": live and summary["stall_severity"] == "critical",
        "decision": live and bool(summary.get("blocked")),
        "on_hold": summary["status"] == "on_hold",
        "role_unheld": live and bool(summary.get("unheld_roles")),
    }
