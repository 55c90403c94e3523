"""Keyed hashes of addresses, ids and names: enough to know somebody again, and nothing to read them from.

The key is made at first use and kept in this database. Who holds the database can test a guess against a mark; nobody
can turn a mark back into an address.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from database.statements import chunks, insert_new
from database.tables import ForgottenRow, KeyValueRow

KEY = "mark_key"
"""Under this name in the table of values by name."""


def marks(conn: Connection, names: Iterable[str], at: datetime) -> Mapping[str, str]:
    """The mark of each address (in any case), id or subject of a name."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    insert_new(conn, KeyValueRow, [{"name": KEY, "value": secrets.token_hex(32), "at": at}])
    key = conn.execute(select(KeyValueRow.value).where(KeyValueRow.name == KEY)).scalar_one().encode()
    return {name: _mark(key, name) for name in wanted}


def anybody_forgotten(conn: Connection) -> bool:
    """Whether there is anybody to look for."""
    return conn.execute(select(ForgottenRow.mark).limit(1)).first() is not None


def forgotten_among(conn: Connection, names: Collection[str]) -> Mapping[str, str]:
    """Those of these addresses, ids and subjects that are forgotten, each with its mark. One look where nobody is."""
    if not anybody_forgotten(conn):
        return {}
    key = conn.execute(select(KeyValueRow.value).where(KeyValueRow.name == KEY)).scalar_one().encode()
    found = {name: _mark(key, name) for name in sorted(names) if name}
    known: set[str] = set()
    for part in chunks(sorted(set(found.values()))):
        known.update(conn.execute(select(ForgottenRow.mark).where(ForgottenRow.mark.in_(part))).scalars())
    return {name: mark for name, mark in found.items() if mark in known}


def keep(conn: Connection, found: Iterable[str], *, by: str, at: datetime) -> None:
    """Remember that whoever has these marks is forgotten. Safe to repeat."""
    insert_new(conn, ForgottenRow, [{"mark": mark, "by": by, "at": at} for mark in sorted(found)])


def pseudonym(mark: str) -> str:
    """What stands in the place of an id or an address of somebody who is forgotten: always the same for one mark."""
    return f"forgotten-{mark[:16]}"


def _mark(key: bytes, name: str) -> str:
    spelt = name.strip().lower() if "@" in name else name.strip()
    return hmac.new(key, spelt.encode("utf-8", errors="replace"), hashlib.sha256).hexdigest()[:40]
