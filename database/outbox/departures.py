"""What the database knows of the messages that left, to be compared with a record outside of it (``departure_log``).

A database that was restored from a backup knows less than that record: what left since the backup would leave again.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from database import key_values
from database.outbox.conditions import PLANNED
from database.statements import chunks, write_journal
from database.tables import EffectRow
from database.transitions import changed
from onboarding.effects.events import Event
from onboarding.model.vocabulary import Channel

RESTORED = "it left before the database was restored, as the record in the home says: it could arrive twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDeparture:
    """The last step of a home's deliveries that this database knows of."""

    database_id: str
    """Made once for a database; a restored or moved copy has it too."""
    number: int


def last(conn: Connection, home_id: str) -> LastDeparture | None:
    """Return the last step that is known of this home; None for a database from which nothing has left."""
    found = key_values.read_all(conn, [key_values.DATABASE, _name(home_id)])
    if key_values.DATABASE not in found:
        return None
    number = found.get(_name(home_id))
    return LastDeparture(
        database_id=found[key_values.DATABASE].value, number=int(number.value) if number is not None else 0
    )


def count_on(conn: Connection, home_id: str, at: datetime) -> LastDeparture:
    """Count one more step of this home, in the transaction that marks its messages as sending."""
    database_id = key_values.database_id(conn)
    known = key_values.read(conn, _name(home_id), held=True)
    number = int(known.value) + 1 if known is not None else 1
    key_values.write(conn, _name(home_id), str(number), at)
    return LastDeparture(database_id=database_id, number=number)


def learn(conn: Connection, home_id: str, number: int, keys: Collection[str], at: datetime) -> None:
    """Store the messages that left without this database's knowledge, up to this step. Safe to repeat."""
    missing = unknown_departures(conn) | set(keys)
    key_values.write(conn, key_values.DEPARTED, json.dumps(sorted(missing)), at)
    key_values.write(conn, _name(home_id), str(number), at)
    line = (None, "restored", "database", f"{len(keys)} messages left that it does not know")
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
