"""An effect under lease, as a worker holds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from database.tables import EFFECT
from onboarding.words import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """An effect that is ours until ``lease_until``."""

    key: str
    onboarding_key: str | None
    channel: Channel
    kind: str
    occurrence: str
    person_id: str
    recipient: str
    role: str
    due_at: datetime
    expires_at: datetime | None
    because: str
    data: Mapping[str, Any]
    payload: Mapping[str, Any] | None
    """What was frozen at its first lease; None before."""
    attempts: int
    in_doubt: bool
    lease_until: datetime


def read_leased(row: Row[Any]) -> Leased:
    """The effect of a row that has just been leased."""
    values = {name: getattr(row, name) for name in Leased.__dataclass_fields__}
    values["channel"] = Channel(row.channel)
    values["payload"] = None if row.payload is None else json.loads(row.payload)
    return Leased(**values)


def kept_payload(conn: Connection, key: str) -> Mapping[str, Any] | None:
    """What was frozen of an effect at its first lease; None before."""
    payload = conn.execute(select(EFFECT.c.payload).where(EFFECT.c.key == key)).scalar()
    return None if payload is None else dict(json.loads(payload))
