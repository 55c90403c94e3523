"""The table of requests for a second person."""

from collections.abc import Mapping
from datetime import datetime

from database.tables.columns import Stored, TableRow, instant, long_text, string, structure


class ApprovalRow(TableRow, table=True):
    """An act that one person asks for and another one has to confirm."""

    __tablename__ = "approval"

    id: Stored[str] = string(primary_key=True)
    act: Stored[str] = string()
    onboarding_key: Stored[str | None] = string(foreign_key="onboarding.key", index=True)
    words: Stored[Mapping[str, str]] = structure()
    said: Stored[str] = long_text()
    reason: Stored[str] = long_text()
    asked_by: Stored[str] = string()
    asked_known: Stored[str] = string()
    asked_at: Stored[datetime] = instant()
    expires_at: Stored[datetime] = instant()
    state: Stored[str] = string(index=True)
    decided_by: Stored[str] = string()
    decided_at: Stored[datetime | None] = instant()
