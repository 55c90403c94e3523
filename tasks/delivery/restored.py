"""Notices that the database was restored from a backup: what left since is held for a person, and not sent again.

What leaves is written to a record in the home (``integrations/departure_log``), with the moment that its row has too.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from database.engine import Database
from database.outbox import departures
from integrations.departure_log import Departure, DepartureLog
from onboarding.effects.notices import stands_for
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Channel

logger = logging.getLogger(__name__)


@dataclass
class Departures:
    """The record of what leaves on one channel in one run. CRM rows need none: one that is written twice is the same.

    A home that cannot be written is logged once, and messages leave without a record.
    """

    home: Path
    channel: Channel
    _database_id: str = ""
    """Empty where nothing is recorded."""
    _restored: bool = False
    """Whether messages left without the knowledge of this database."""

    @property
    def log(self) -> DepartureLog:
        """Return the record in the home."""
        return DepartureLog(self.home)

    def notice_restored(self, database: Database, now: datetime) -> None:
        """Compare the record with the database, before anything is leased, and store what the database does not know.

        Looks at the end of the record; at all of it only where that has something unknown. Safe to repeat: what is
        stored counts as known. Raises nothing where the home cannot be read.
        """
        if self.channel is Channel.CRM:
            return
        self._database_id = departures.database_id(database)
        found: list[Departure] = []
        try:
            # The record is read before the snapshot begins: what another run writes meanwhile would look unknown.
            latest = _last(self.log.latest(self._database_id))
            with database.reading() as conn:
                self._restored = bool(departures.learned(conn))
                unknown = departures.unknown_of(conn, latest)
            if unknown:
                found = list(self.log.all(self._database_id))
                with database.reading() as conn:
                    unknown = departures.unknown_of(conn, _last(found))
        except OSError as error:
            self._give_up(error)
            return
        if unknown:
            with_them = {key: one.at for one in found if unknown.keys() & one.keys for key in one.told_with}
            logger.warning("the database was restored: %d messages left that it does not know", len(unknown))
            with database.writing() as conn:
                departures.learn(conn, {**with_them, **unknown}, now)
            self._restored = True

    def hold_departed(self, conn: Connection, now: datetime) -> tuple[str, ...]:
        """Hold for a person what is planned and left already; return the effects' keys."""
        return departures.hold_departed(conn, self.channel, now) if self._restored else ()

    def record(self, leaving: Sequence[Leased], at: datetime) -> None:
        """Write what is marked as sending at this moment to the record: after the commit, and before it leaves."""
        if not leaving or not self._database_id:
            return
        keys = tuple(sorted(one.key for one in leaving))
        told_with = tuple(sorted(key for one in leaving for key in stands_for(one)))
        try:
            self.log.add(self._database_id, Departure(at=at, keys=keys, told_with=told_with))
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._database_id = ""
        logger.warning("%s cannot be used (%s): a restored database would not be noticed", self.log.folder, error)


def _last(steps: Iterable[Departure]) -> departures.Departed:
    """Return when each effect last left."""
    found: dict[str, datetime] = {}
    for one in steps:
        for key in one.keys:
            found[key] = max(one.at, found.get(key, one.at))
    return found
