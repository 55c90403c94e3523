"""Mails that are withheld, among them the drafts."""

from sqlalchemy import Connection, select

from database.outbox.conditions import WITHHELD
from database.outbox.leased import LEASED, read_leased
from database.tables import EffectRow
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Channel, EffectState


def withheld_mails(conn: Connection) -> list[Leased]:
    """Return the withheld mails, those due first; none of them is leased."""
    query = select(*LEASED).where(WITHHELD, EffectRow.channel == Channel.MAIL.value)
    return [read_leased(row) for row in conn.execute(query.order_by(EffectRow.due_at, EffectRow.key))]


def mail_of(conn: Connection, key: str) -> tuple[Leased, EffectState] | None:
    """Return the mail with this key and its state; None if there is none."""
    query = select(*LEASED, EffectRow.state).where(EffectRow.key == key, EffectRow.channel == Channel.MAIL.value)
    row = conn.execute(query).first()
    return None if row is None else (read_leased(row), EffectState(row.state))
