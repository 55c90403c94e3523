"""The payload of a message as it was handed to its sender."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from database.tables import EffectRow
from onboarding.model.vocabulary import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One message: what it is, to whom, when it left (UTC), and what was handed to its sender."""

    kind: str
    channel: Channel
    recipient: str
    sent_at: datetime | None
    payload: Mapping[str, Any] | None
    """None where it was not rendered, or was erased since."""


def stored_message(conn: Connection, onboarding_key: str, key: str) -> StoredMessage | None:
    """Return the message of this onboarding under this key; None where it has none such, or is a CRM row."""
    row = conn.execute(
        select(EffectRow.kind, EffectRow.channel, EffectRow.recipient, EffectRow.sent_at, EffectRow.payload)
        .where(EffectRow.key == key, EffectRow.onboarding_key == onboarding_key)
        .where(EffectRow.channel != Channel.CRM.value)
    ).first()
    if row is None:
        return None
    return StoredMessage(
        kind=row.kind,
        channel=Channel(row.channel),
        recipient=row.recipient,
        sent_at=row.sent_at,
        payload=json.loads(row.payload) if row.payload else None,
    )
