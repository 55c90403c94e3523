"""What the database knows of the messages that left, to be compared with a record outside of it (``departure_log``).

A database that was restored from a backup knows less than that record: what left since the backup would leave again.
Each effect has the moment at which it last left, so that nothing need be counted.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from database import key_values
from database.engine import Database
from database.outbox.conditions import PLANNED
from database.privacy import pseudonyms
from database.statements import chunks, write_journal
from database.tables import EffectRow
from database.transitions import changed
from onboarding.effects.events import Event
from onboarding.model.vocabulary import Channel

RESTORED = "it left before the database was restored, as the record in the home says: it could arrive twice"

Departed = Mapping[str, datetime]
"""When each effect last left, by its key (UTC)."""


def database_id(database: Database) -> str:
    """Return the id that a restored or moved copy of the database has too; one of an earlier version gets it here."""
    with database.reading() as conn:
        found = key_values.read(conn, key_values.DATABASE)
    if found is not None:
        return found.value
    with database.writing() as conn:
        return key_values.database_id(conn)


def unknown_of(conn: Connection, departed: Departed) -> Departed:
    """Return those that left, or left once more, without the database's knowledge, and that it has not learned.

    An erasure changes keys in the database and not in the record: such a key is looked for as it is now.
    """
    now = pseudonyms.respelt(conn, departed)
    departed = {now.get(key, key): at for key, at in departed.items()}
    known = learned(conn)
    return unknown_since(conn, {key: at for key, at in departed.items() if key not in known or known[key] < at})


def unknown_since(conn: Connection, departed: Departed) -> Departed:
    """Return those whose effects have left before that moment only, or never, as far as the database knows."""
    known: dict[str, datetime] = {}
    for part in chunks(sorted(departed)):
        query = select(EffectRow.key, EffectRow.departed_at).where(EffectRow.key.in_(part))
        known |= {row.key: row.departed_at for row in conn.execute(query.where(EffectRow.departed_at.is_not(None)))}
    return {key: at for key, at in departed.items() if key not in known or known[key] < at}


def learn(conn: Connection, departed: Departed, at: datetime) -> None:
    """Store what left without this database's knowledge, to be held as soon as it is planned. Safe to repeat."""
    _keep(conn, {**learned(conn, held=True), **departed}, at)
    line = (None, "restored", "database", f"{len(departed)} messages left that it does not know")
    write_journal(conn, [line], at=at, by="first90")


def learned(conn: Connection, *, held: bool = False) -> Departed:
    """Return what is stored and was not planned since; with ``held`` it stays locked until this transaction ends."""
    found = key_values.read(conn, key_values.DEPARTED, held=held)
    stored = json.loads(found.value) if found is not None else {}
    return {key: datetime.fromisoformat(at) for key, at in stored.items()}


def hold_departed(conn: Connection, channel: Channel, at: datetime) -> tuple[str, ...]:
    """Hold for a person what is planned and left already; return the effects' keys. Called before every claim.

    What the database knows by now, because it was settled or left once more, is learned no longer.
    """
    stored = learned(conn, held=True)
    departed, found = dict(unknown_since(conn, stored)), list[str]()
    for part in chunks(sorted(departed)):
        query = select(EffectRow.key).where(EffectRow.key.in_(part), EffectRow.channel == channel.value, PLANNED)
        found += conn.execute(query.order_by(EffectRow.key).with_for_update()).scalars()
    for key in found:
        values = changed(Event.LEFT_BEFORE) | {"error": RESTORED, "departed_at": departed.pop(key)}
        conn.execute(update(EffectRow).where(EffectRow.key == key).values(**values))
    if len(departed) < len(stored):
        _keep(conn, departed, at)
    return tuple(found)


def _keep(conn: Connection, departed: Departed, at: datetime) -> None:
    told = {key: departed[key].isoformat() for key in sorted(departed)}
    key_values.write(conn, key_values.DEPARTED, json.dumps(told), at)
