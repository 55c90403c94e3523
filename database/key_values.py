"""Values stored by name: how far a source was read, when the first run was, the playbook versions in use."""

import json
import secrets
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select, update

from database.statements import insert_new, replace_rows
from database.tables import KeyValueRow, PlaybookRow
from onboarding.values import dataclass

CRM = "crm"
MILESTONES = "crm_ticks"
"""The key of how far milestone rows were read; they are also read alone, more often than everything else."""
SIGNALS = "signals"
HALF_STORED = "crm_half_stored"
"""The token of a reading of the CRM of which some parts are stored and the last is not."""
UNTOLD = "waiting_untold"
"""The moment since which onboardings were opened that wait for a person, of whom nobody was told yet (ISO 8601)."""
FIRST_RUN = "first_run"
UNREADABLE = "signals_unreadable"
"""Usage that could not be read, as JSON: when it last came, by the source's name of the account (or ANY_ACCOUNT)."""
HEARD = "signals_heard"
"""The last event of any account by the last reading (ISO 8601); empty where too few accounts are in use."""
OUR_PEOPLE = "our_people"
"""Our people in the usage besides the users of the CRM, as JSON: ``addresses`` of the team file, ``domains``."""
DATABASE = "database"
"""The id of the database, made with its tables: a copy of it has the same."""
DEPARTED = "departed"
"""Messages that left without the knowledge of this database, which was restored, as JSON: when, by the effect's key."""
BUSY = "busy_times"
"""The busy times in our people's calendars, as JSON: by mail address in lower case, from when until when."""
MONITORED = "monitored"
"""What monitoring counts over all processes, as JSON: ``sweeps`` and ``sends`` (``tasks.monitoring.tally``)."""
CLOCKS = "clocks"
"""How far clocks are off, as JSON by machine (``tasks.review.clocks``)."""
ALLOWANCE = "crm_allowance"
"""The CRM's allowance of daily calls when last read, as JSON: ``used``, ``limit``, ``floor``, ``left``, ``low``."""


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A stored value, and the moment for which it was written."""

    value: str
    at: datetime


def read(conn: Connection, name: str, *, held: bool = False) -> KeyValue | None:
    """Return the value under a name; with ``held`` it stays locked until this transaction ends."""
    query = select(KeyValueRow.value, KeyValueRow.at).where(KeyValueRow.name == name)
    row = conn.execute(query.with_for_update() if held else query).first()
    return None if row is None else KeyValue(row.value, row.at)


def hold(conn: Connection, name: str, first: str, at: datetime) -> str:
    """Return the value under a name, which no other process changes until this transaction ends. Where there is none
    yet, it is ``first``."""
    insert_new(conn, KeyValueRow, [{"name": name, "value": first, "at": at}])
    found = read(conn, name, held=True)
    return found.value if found else first


def read_all(conn: Connection, names: Collection[str], *, held: bool = False) -> dict[str, KeyValue]:
    """Return the values under these names, as far as they exist; ``held`` as in ``read``."""
    query = select(KeyValueRow.name, KeyValueRow.value, KeyValueRow.at).where(KeyValueRow.name.in_(sorted(names)))
    if held:
        query = query.order_by(KeyValueRow.name).with_for_update()
    return {row.name: KeyValue(row.value, row.at) for row in conn.execute(query)}


def write(conn: Connection, name: str, value: str, at: datetime) -> None:
    """Store a value under the name. One under ``SIGNALS`` also means that a source of signals is connected."""
    replace_rows(conn, KeyValueRow, [{"name": name, "value": value, "at": at}])


def move(conn: Connection, name: str, before: str, after: str) -> bool:
    """Replace the value under the name where it is still ``before``; return whether it was."""
    mine = (KeyValueRow.name == name, KeyValueRow.value == before)
    return conn.execute(update(KeyValueRow).where(*mine).values(value=after)).rowcount > 0


def forget(conn: Connection, name: str) -> None:
    """Delete the value: the next reading starts from the beginning, and without ``SIGNALS`` usage is unknown."""
    conn.execute(delete(KeyValueRow).where(KeyValueRow.name == name))


def forget_older(conn: Connection, prefix: str, than: datetime) -> None:
    """Delete what was stored under names with this prefix for a moment before ``than``."""
    old = KeyValueRow.name.startswith(prefix, autoescape=True), KeyValueRow.at < than
    conn.execute(delete(KeyValueRow).where(*old))


def low_allowance(conn: Connection) -> int | None:
    """Return the percentage of the CRM's daily calls that is left where that is little, else None."""
    kept = read(conn, ALLOWANCE)
    said = json.loads(kept.value) if kept else {"low": False}
    return int(said["left"]) if said["low"] else None


def first_run(conn: Connection, now: datetime) -> datetime:
    """Return the moment of the first run, which is ``now`` if this is it. Safe to repeat: the first moment stays."""
    insert_new(conn, KeyValueRow, [{"name": FIRST_RUN, "value": "", "at": now}])
    found = read(conn, FIRST_RUN)
    return found.at if found else now


def database_id(conn: Connection) -> str:
    """Return the database's id, which is made if it has none. Safe to repeat: the first one stays."""
    of_no_moment = datetime(2000, 1, 1, tzinfo=UTC)
    insert_new(conn, KeyValueRow, [{"name": DATABASE, "value": secrets.token_hex(16), "at": of_no_moment}])
    found = read(conn, DATABASE)
    return found.value if found else ""


def keep_playbook(conn: Connection, content_hash: str, tier: str, content: str, at: datetime) -> None:
    """Store a playbook's content under its hash, for the onboardings that run on it. Safe to repeat."""
    insert_new(conn, PlaybookRow, [{"hash": content_hash, "tier": tier, "content": content, "at": at}])


def kept_playbooks(conn: Connection, hashes: list[str]) -> dict[str, str]:
    """Return the content of these versions by hash, as far as they are stored."""
    query = select(PlaybookRow.hash, PlaybookRow.content).where(PlaybookRow.hash.in_(hashes))
    return {row.hash: row.content for row in conn.execute(query)}
