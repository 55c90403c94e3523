"""Effects under lease, read from their rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, Connection, Row, select

from database.tables import EffectRow, columns
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Channel

_NAMES = tuple(one.name for one in fields(Leased))
LEASED: Sequence[Column[Any]] = columns(EffectRow, *_NAMES)
"""The columns of an effect under lease."""


def read_leased(row: Row[Any]) -> Leased:
    """Return the effect of a row with at least the columns of ``LEASED``."""
    values = {name: getattr(row, name) for name in _NAMES}
    values["channel"] = Channel(row.channel)
    values["payload"] = None if row.payload is None else json.loads(row.payload)
    return Leased(**values)


def kept_payload(conn: Connection, key: str) -> Mapping[str, Any] | None:
    """Return the stored payload of an effect; None before it was first made."""
    payload = conn.execute(select(EffectRow.payload).where(EffectRow.key == key)).scalar()
    return None if payload is None else dict(json.loads(payload))
