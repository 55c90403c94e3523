"""Notices that the database was restored from a backup: what left since is held for a person, and not sent again.

What left is written to a record in the home (``integrations/departure_log``), with a count that the database has too.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from database.engine import Database
from database.outbox import departures
from integrations.departure_log import Departure, DepartureLog
from onboarding.model.vocabulary import Channel

logger = logging.getLogger(__name__)


@dataclass
class Departures:
    """The record of what leaves on one channel in one run. CRM rows need none: one that is written twice is the same.

    A home that cannot be written is logged once, and messages leave without a record.
    """

    home: Path
    channel: Channel
    _home_id: str = ""
    """Empty where nothing is recorded."""
    _restored: bool = False
    """Whether messages left without the knowledge of this database."""
    _marked: list[tuple[str, Departure]] = field(default_factory=list)
    """What is marked as sending and not written to the record yet, with the id of the database."""

    @property
    def log(self) -> DepartureLog:
        """Return the record in the home."""
        return DepartureLog(self.home)

    def notice_restored(self, database: Database, now: datetime) -> None:
        """Compare the record with the database, before anything is leased, and store what the database does not know.

        Safe to repeat: what is stored counts as known. Raises nothing where the home cannot be read or written.
        """
        if self.channel is Channel.CRM:
            return
        try:
            self._home_id = self.log.home_id()
            with database.reading() as conn:
                known = departures.last(conn, self._home_id)
                self._restored = bool(departures.unknown_departures(conn))
            newer = self.log.after(known.database_id, known.number) if known else ()
        except OSError as error:
            self._give_up(error)
            return
        if newer:
            missing = {key for one in newer for key in one.keys}
            logger.warning("the database was restored: %d messages left that it does not know", len(missing))
            with database.writing() as conn:
                departures.learn(conn, self._home_id, max(one.number for one in newer), missing, now)
            self._restored = True

    def hold_departed(self, conn: Connection, now: datetime) -> tuple[str, ...]:
        """Hold for a person what is planned and left already; return the effects' keys."""
        return departures.hold_departed(conn, self.channel, now) if self._restored else ()

    def mark(self, conn: Connection, keys: Collection[str], now: datetime) -> None:
        """Count a step in the transaction that marks these as sending."""
        if self._home_id and keys:
            known = departures.count_on(conn, self._home_id, now)
            step = Departure(number=known.number, at=now, keys=tuple(sorted(keys)))
            self._marked.append((known.database_id, step))

    def write(self) -> None:
        """Write what was marked to the record: after the commit, and before the messages leave."""
        marked, self._marked = self._marked, []
        for database_id, step in marked if self._home_id else ():
            try:
                self.log.add(database_id, step)
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._home_id = ""
        logger.warning("%s cannot be used (%s): a restored database would not be noticed", self.log.folder, error)
