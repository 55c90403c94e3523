"""What the database knows of the messages that left, to be compared with a record outside of it (``departure_log``).

A database that was restored from a backup knows less than that record: what left since the backup would leave again.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, String, cast, update

from database import key_values
from database.engine import Database
from database.outbox.conditions import PLANNED
from database.statements import chunks, insert_into, write_journal
from database.tables import EffectRow, KeyValueRow
from database.transitions import changed
from onboarding.effects.events import Event
from onboarding.model.vocabulary import Channel

RESTORED = "it left before the database was restored, as the record in the home says: it could arrive twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDepartures:
    """What a database knows of a home's deliveries."""

    database_id: str
    """Made once for a database; a restored or moved copy has it too."""
    number: int
    """The number of the last batch that it knows of; 0 for none."""
    restored: bool
    """Whether messages left without its knowledge that were not planned since."""


def known_of(database: Database, home_id: str) -> KnownDepartures:
    """Return what the database knows of this home. A database of an earlier version gets its id here."""
    names = [key_values.DATABASE, key_values.DEPARTED, _name(home_id)]
    with database.reading() as conn:
        found = {name: kept.value for name, kept in key_values.read_all(conn, names).items()}
    if key_values.DATABASE not in found:
        with database.writing() as conn:
            found[key_values.DATABASE] = key_values.database_id(conn)
    return KnownDepartures(
        database_id=found[key_values.DATABASE],
        number=int(found.get(_name(home_id), "0")),
        restored=found.get(key_values.DEPARTED, "[]") != "[]",
    )


def count_on(conn: Connection, home_id: str, at: datetime) -> int:
    """Count one more batch of this home, in a transaction before it leaves; return its number."""
    statement = insert_into(conn)(KeyValueRow).values(name=_name(home_id), value="1", at=at)
    more = cast(cast(KeyValueRow.value, Integer) + 1, String)
    counted = statement.on_conflict_do_update(index_elements=["name"], set_={"value": more, "at": at})
    return int(conn.execute(counted.returning(KeyValueRow.value)).scalar_one())


def learn(conn: Connection, home_id: str, number: int, keys: Collection[str], at: datetime) -> None:
    """Store the messages that left without this database's knowledge, up to this step. Safe to repeat."""
    missing = unknown_departures(conn) | set(keys)
    key_values.write(conn, key_values.DEPARTED, json.dumps(sorted(missing)), at)
    key_values.write(conn, _name(home_id), str(number), at)
    line = (None, "restored", "database", f"up to {len(keys)} messages left that it does not know")
    write_journal(conn, [line], at=at, by="first90")


def unknown_departures(conn: Connection) -> set[str]:
    """Return the keys of messages that left without this database's knowledge and were not planned since."""
    found = key_values.read(conn, key_values.DEPARTED)
    return set(json.loads(found.value)) if found is not None else set()


def hold_departed(conn: Connection, channel: Channel, at: datetime) -> tuple[str, ...]:
    """Hold for a person what is planned and left already; return the effects' keys. Called before every claim."""
    departed = unknown_departures(conn)
    held: set[str] = set()
    for part in chunks(sorted(departed)):
        statement = (
            update(EffectRow)
            .where(EffectRow.key.in_(part), EffectRow.channel == channel.value, PLANNED)
            .values(**changed(Event.LEFT_BEFORE), error=RESTORED)
            .returning(EffectRow.key)
        )
        held |= set(conn.execute(statement).scalars())
    if held:
        key_values.write(conn, key_values.DEPARTED, json.dumps(sorted(departed - held)), at)
    return tuple(sorted(held))


def _name(home_id: str) -> str:
    return f"{key_values.LEFT_FROM}{home_id}"
