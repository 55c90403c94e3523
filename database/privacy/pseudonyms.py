"""Keyed hashes of addresses, ids and names: they recognise a person again and hold no data of them.

The key is made at first use and kept in this database. With the database one can test a guess against a hash; a hash
cannot be turned back into an address.
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
"""The name of the hash key in the table of values by name."""


def hashes(conn: Connection, names: Iterable[str], at: datetime) -> Mapping[str, str]:
    """Return the hash of each address (in any case), id or subject of a name."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    insert_new(conn, KeyValueRow, [{"name": KEY, "value": secrets.token_hex(32), "at": at}])
    key = conn.execute(select(KeyValueRow.value).where(KeyValueRow.name == KEY)).scalar_one().encode()
    return {name: _hash(key, name) for name in wanted}


def any_erased(conn: Connection) -> bool:
    """Return whether any person was erased."""
    return conn.execute(select(ForgottenRow.mark).limit(1)).first() is not None


def erased_among(conn: Connection, names: Collection[str]) -> Mapping[str, str]:
    """Return the erased ones of these addresses, ids and subjects, each with its hash."""
    if not any_erased(conn):
        return {}
    key = conn.execute(select(KeyValueRow.value).where(KeyValueRow.name == KEY)).scalar_one().encode()
    found = {name: _hash(key, name) for name in sorted(names) if name}
    known: set[str] = set()
    for part in chunks(sorted(set(found.values()))):
        known.update(conn.execute(select(ForgottenRow.mark).where(ForgottenRow.mark.in_(part))).scalars())
    return {name: mark for name, mark in found.items() if mark in known}


def respelt(conn: Connection, keys: Iterable[str]) -> Mapping[str, str]:
    """Return those keys (parts between colons) that name an erased person by an id, each as an erasure spells it."""
    split = {key: key.split(":") for key in keys}
    marks = erased_among(conn, {part for parts in split.values() for part in parts})
    return {
        key: ":".join(pseudonym(marks[part]) if part in marks else part for part in parts)
        for key, parts in split.items()
        if not marks.keys().isdisjoint(parts)
    }


def keep(conn: Connection, found: Iterable[str], *, by: str, at: datetime) -> None:
    """Store hashes of an erased person. Safe to repeat."""
    insert_new(conn, ForgottenRow, [{"mark": mark, "by": by, "at": at} for mark in sorted(found)])


def pseudonym(mark: str) -> str:
    """Return the pseudonym that replaces an id or address of an erased person: always the same for one hash."""
    return f"forgotten-{mark[:16]}"


def _hash(key: bytes, name: str) -> str:
    spelt = name.strip().lower() if "@" in name else name.strip()
    return hmac.new(key, spelt.encode("utf-8", errors="replace"), hashlib.sha256).hexdigest()[:40]
