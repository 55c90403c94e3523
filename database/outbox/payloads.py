"""The payload of a message as it was handed to its sender."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from database.statements import chunks
from database.tables import EffectRow, columns
from onboarding.model.vocabulary import Channel, EffectState


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
    row = conn.execute(_messages(onboarding_key).where(EffectRow.key == key)).first()
    return _message(row) if row else None


def sent_messages(conn: Connection, onboarding_key: str) -> dict[str, StoredMessage]:
    """Return all messages of this onboarding that have left, by key. One statement."""
    sent = _messages(onboarding_key).where(EffectRow.state == EffectState.SENT.value).order_by(EffectRow.key)
    return {row.key: _message(row) for row in conn.execute(sent)}


def left_payloads(conn: Connection, keys: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Return the payloads with which these messages left, or may have left, by key."""
    found: dict[str, Mapping[str, Any]] = {}
    for part in chunks(sorted(keys)):
        query = select(EffectRow.key, EffectRow.payload).where(
            EffectRow.key.in_(part), EffectRow.state.in_(_LEFT), EffectRow.payload.is_not(None)
        )
        found |= {row.key: json.loads(row.payload) for row in conn.execute(query)}
    return found


_LEFT = (EffectState.SENDING.value, EffectState.SENT.value, EffectState.UNKNOWN.value)


def _messages(onboarding_key: str) -> Select[Any]:
    wanted = columns(EffectRow, "key", "kind", "channel", "recipient", "sent_at", "payload")
    return select(*wanted).where(EffectRow.onboarding_key == onboarding_key, EffectRow.channel != Channel.CRM.value)


def _message(row: Row[Any]) -> StoredMessage:
    return StoredMessage(
        kind=row.kind,
        channel=Channel(row.channel),
        recipient=row.recipient,
        sent_at=row.sent_at,
        payload=json.loads(row.payload) if row.payload else None,
    )
