"""Small things to remember by name: how far a source was read, and when the first run was."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from database.statements import insert_new, replace_rows
from database.tables import KeyValueRow, PlaybookRow

CRM = "crm"
SIGNALS = "signals"
FIRST_RUN = "first_run"
UNREADABLE = "signals_unreadable"
"""Usage that could not be read, as JSON: when it last came, by account as the source names it (or ANY_ACCOUNT)."""
OUR_PEOPLE = "our_people"
"""Who of us may be in the usage besides the users of the CRM, as JSON: ``addresses`` of the team file, ``domains``."""
ALLOWANCE = "crm_allowance"
"""What the CRM's last answer said of its daily calls, as JSON: ``used``, ``limit``, ``floor``, ``left``, ``low``."""


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A value under a name, and the moment it was written for."""

    value: str
    at: datetime


def read(conn: Connection, name: str, *, held: bool = False) -> KeyValue | None:
    """What is kept under the name; ``held``: nobody else writes it before this transaction ends."""
    query = select(KeyValueRow.value, KeyValueRow.at).where(KeyValueRow.name == name)
    row = conn.execute(query.with_for_update() if held else query).first()
    return None if row is None else KeyValue(row.value, row.at)


def read_all(conn: Connection, names: Collection[str]) -> dict[str, KeyValue]:
    """What is kept under these names, as far as there is something."""
    query = select(KeyValueRow.name, KeyValueRow.value, KeyValueRow.at).where(KeyValueRow.name.in_(sorted(names)))
    return {row.name: KeyValue(row.value, row.at) for row in conn.execute(query)}


def write(conn: Connection, name: str, value: str, at: datetime) -> None:
    """Keep a value under the name. That of ``SIGNALS`` also says that a source of signals is connected."""
    replace_rows(conn, KeyValueRow, [{"name": name, "value": value, "at": at}])


def forget(conn: Connection, name: str) -> None:
    """Keep nothing under the name: the next read starts anew, and without SIGNALS usage is unknown."""
    conn.execute(delete(KeyValueRow).where(KeyValueRow.name == name))


def low_allowance(conn: Connection) -> int | None:
    """How many percent of the CRM's daily calls are left, where that is little; None where there are enough."""
    kept = read(conn, ALLOWANCE)
    said = json.loads(kept.value) if kept else {"low": False}
    return int(said["left"]) if said["low"] else None


def first_run(conn: Connection, now: datetime) -> datetime:
    """When the first run was; now, if this is it. Safe to repeat: the first moment stays."""
    insert_new(conn, KeyValueRow, [{"name": FIRST_RUN, "value": "", "at": now}])
    found = read(conn, FIRST_RUN)
    return found.at if found else now


def keep_playbook(conn: Connection, content_hash: str, tier: str, content: str, at: datetime) -> None:
    """Keep a playbook's content under its hash, for the onboardings that run on it. Safe to repeat."""
    insert_new(conn, PlaybookRow, [{"hash": content_hash, "tier": tier, "content": content, "at": at}])


def kept_playbooks(conn: Connection, hashes: list[str]) -> dict[str, str]:
    """The content of these versions, as far as they are kept."""
    query = select(PlaybookRow.hash, PlaybookRow.content).where(PlaybookRow.hash.in_(hashes))
    return {row.hash: row.content for row in conn.execute(query)}
