"""Effects under lease, read from their rows."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, select

from database.tables import EffectRow
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Channel


def read_leased(row: Row[Any]) -> Leased:
    """Return the effect of a row that has just been leased."""
    values = {one.name: getattr(row, one.name) for one in fields(Leased)}
    values["channel"] = Channel(row.channel)
    values["payload"] = None if row.payload is None else json.loads(row.payload)
    return Leased(**values)


def kept_payload(conn: Connection, key: str) -> Mapping[str, Any] | None:
    """Return the stored payload of an effect; None before it was first made."""
    payload = conn.execute(select(EffectRow.payload).where(EffectRow.key == key)).scalar()
    return None if payload is None else dict(json.loads(payload))
