"""A home that can be put back to how it was, and a plain cycle in it: every task in the order of the flows."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from database.engine import Database
from database.tables import metadata
from integrations.chat_file import ChatFile
from integrations.csv_crm.folder import CsvFolder
from integrations.maildir import Maildir
from onboarding.words import Channel
from tasks.check_ins import send_check_ins
from tasks.delivery import deliver
from tasks.escalations import escalate_stalled, write_digests
from tasks.intake import take_back_milestones, take_in_deals, take_in_signals
from tasks.reports import DeliveryReport
from tasks.scope import Scope
from tasks.stages import STAGES, review_stage
from tasks.workplace import Workplace

Deliver = Callable[[Workplace, datetime, Channel, Scope], DeliveryReport]
Furnish = Callable[[Workplace], Workplace]


def as_it_is(place: Workplace) -> Workplace:
    """The real channels."""
    return place


def cycle(place: Workplace, as_of: datetime, send: Deliver = deliver) -> None:
    """The tasks of the sweeps in their order, as plain calls: what the first one owes leaves before the others."""
    scope = Scope()
    for task in (take_in_deals, take_in_signals, take_back_milestones):
        task(place, as_of, scope)
    for stage in STAGES:
        review_stage(place, as_of, scope, stage)
    for channel in Channel:
        send(place, as_of, channel, scope)
    for task in (send_check_ins, escalate_stalled, write_digests, take_back_milestones):
        task(place, as_of, scope)
    for channel in Channel:
        send(place, as_of, channel, scope)


def plan(place: Workplace, as_of: datetime) -> None:
    """A cycle that decides everything and sends nothing."""
    cycle(place, as_of, lambda place, as_of, channel, scope: DeliveryReport(channel=channel))


@dataclass
class House:
    """One home at a fixed path, its workplace warm in this process (statements compiled, templates read)."""

    home: Path
    place: Workplace
    as_of: datetime
    _rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def keep(self) -> None:
        """This is how ``reset`` puts it back."""
        self.place.database.engine.dispose()
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.home, self._kept)
        if self._on_postgres:
            self._rows = rows_of(self.place.database)
            self.place.database.engine.dispose()

    def reset(self) -> None:
        """As it was kept. No connection stays open, so that a child may be forked."""
        self.place.database.engine.dispose()
        shutil.rmtree(self.home)
        shutil.copytree(self._kept, self.home)
        if self._on_postgres:
            with self.place.database.writing() as conn:
                for table in reversed(metadata.sorted_tables):
                    conn.execute(delete(table))
                for table in metadata.sorted_tables:
                    if rows := self._rows.get(table.name):
                        conn.execute(insert(table), [dict(row) for row in rows])
            self.place.database.engine.dispose()

    def cycle(self, later: timedelta = timedelta(), furnish: Furnish = as_it_is, send: Deliver = deliver) -> None:
        """A cycle at this house's moment, by the real clock and ``later``: leases of who died before are over then."""
        cycle(furnish(self.fresh(later)), self.as_of, send)

    def fresh(self, later: timedelta = timedelta()) -> Workplace:
        """The workplace as a new process has it: nothing is remembered of an earlier run."""
        settings = self.place.settings
        return replace(
            self.place,
            crm=CsvFolder(settings.crm.folder, self.place.mapping),
            mail=Maildir(settings.mail.folder),
            chat=ChatFile(settings.chat.path),
            wall_clock=lambda: datetime.now(UTC) + later,
            calendars_kept=set(),
        )

    @property
    def _kept(self) -> Path:
        return self.home.with_name(f"{self.home.name}-kept")

    @property
    def _on_postgres(self) -> bool:
        return self.place.database.dialect == "postgresql"


def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with database.reading() as conn:
        return {
            table.name: [dict(row._mapping) for row in conn.execute(select(table))] for table in metadata.sorted_tables
        }
