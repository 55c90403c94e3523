"""Notices that the database was restored from a backup: what left since is held for a person, and not sent again.

What left is written to a record in the home (``integrations/departure_log``), with a count that the database has too.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
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

    The database counts the batches of a home, and the record has the count of each batch and of the end of the run. A
    home that cannot be written is logged once, and messages leave without a record.
    """

    home: Path
    channel: Channel
    _home_id: str = ""
    """Empty where nothing is recorded."""
    _database_id: str = ""
    _number: int = 0
    """The number of the batch that is under way."""
    _left: bool = False
    """Whether anything left in this run."""
    _restored: bool = False
    """Whether messages left without the knowledge of this database."""

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
            known = departures.known_of(database, self._home_id)
            self._database_id, self._restored = known.database_id, known.restored
            if self.log.after(known.database_id, known.number):
                self._learn(database, known, now)
        except OSError as error:
            self._give_up(error)

    def hold_departed(self, conn: Connection, now: datetime) -> tuple[str, ...]:
        """Hold for a person what is planned and left already; return the effects' keys."""
        return departures.hold_departed(conn, self.channel, now) if self._restored else ()

    def begin_batch(self, conn: Connection, now: datetime) -> None:
        """Count a batch, in a transaction before the first of it leaves."""
        if self._home_id:
            self._number = departures.count_on(conn, self._home_id, now)

    def record(self, keys: Collection[str], now: datetime) -> None:
        """Write what is marked as sending to the record: after the commit, and before it leaves."""
        if keys and self._home_id:
            self._left = True
            self._write(tuple(sorted(keys)), now)

    def end(self, database: Database, now: datetime) -> None:
        """Count the end of a run in which anything left, so that a copy of the database in its midst is noticed too."""
        if self._left and self._home_id:
            with database.writing() as conn:
                self.begin_batch(conn, now)
            self._write((), now)

    def _learn(self, database: Database, known: departures.KnownDepartures, now: datetime) -> None:
        """Store what left without the database's knowledge, of the batch too in whose midst it may have been copied."""
        found = self.log.after(known.database_id, known.number - 1)
        missing = {key for one in found for key in one.keys}
        logger.warning("the database was restored: up to %d messages left that it does not know", len(missing))
        with database.writing() as conn:
            departures.learn(conn, self._home_id, max(one.number for one in found), missing, now)
        self._restored = True

    def _write(self, keys: tuple[str, ...], now: datetime) -> None:
        try:
            self.log.add(self._database_id, Departure(number=self._number, at=now, keys=keys))
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._home_id = ""
        logger.warning("%s cannot be used (%s): a restored database would not be noticed", self.log.folder, error)
