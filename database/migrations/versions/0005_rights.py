"""Recipients' rights: suppressions, providers' events, hashes of erased people, mails counted by day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    # Existing suppressions stay in force, for all mail: before this migration there was no other kind.
    old = sa.table("suppression", *(sa.column(name) for name in ("address", "reason", "by", "at")))
    kept = op.get_bind().execute(sa.select(old)).mappings().all()
    op.drop_table("suppression")
    suppression = op.create_table(
        "suppression",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("subject", "channel", "purpose", "reason", name=op.f("pk_suppression")),
    )
    rows = [
        {"subject": row["address"], "channel": "mail", "purpose": "all", "note": "", "lifted_at": None}
        | {name: row[name] for name in ("reason", "by", "at")}
        for row in kept
    ]
    op.bulk_insert(suppression, rows)
    op.create_table(
        "inbox",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_mark_kind"), "inbox", ["mark", "kind"], unique=False)
    op.create_table(
        "forgotten",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_forgotten")),
    )
    op.add_column("effect", sa.Column("mail_day", sa.String(), nullable=True))
    op.create_index(
        "ix_effect_mail_day",
        "effect",
        ["mail_to", "mail_day"],
        unique=False,
        sqlite_where=sa.text("mail_day IS NOT NULL"),
        postgresql_where=sa.text("mail_day IS NOT NULL"),
    )


def downgrade() -> None:
    names = ("subject", "purpose", "reason", "by", "at", "lifted_at")
    new = sa.table("suppression", *(sa.column(name) for name in names))
    whole = sa.select(new).where(new.c.purpose == "all", new.c.lifted_at.is_(None), new.c.subject.like("%@%"))
    kept = {row["subject"]: row for row in op.get_bind().execute(whole).mappings()}
    op.drop_index("ix_effect_mail_day", "effect")
    op.drop_column("effect", "mail_day")
    for name in ("forgotten", "inbox", "suppression"):
        op.drop_table(name)
    suppression = op.create_table(
        "suppression",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppression")),
    )
    rows = [{"address": key} | {name: row[name] for name in ("reason", "by", "at")} for key, row in kept.items()]
    op.bulk_insert(suppression, rows)
