"""A home that can be reset, and a plain cycle in it: every task in the order of the flows."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from database.engine import Database
from database.tables import metadata
from integrations.csv_crm.folder import CsvFolder
from integrations.mail.maildir import Maildir
from integrations.slack.file import ChatFile
from onboarding.model.vocabulary import STAGES, Channel
from tasks.delivery.deliver_all import deliver
from tasks.intake.sources import take_back_milestones, take_in_deals, take_in_signals
from tasks.review.check_ins import send_check_ins
from tasks.review.escalations import escalate_stalled, write_digests
from tasks.review.stages import review_stage
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope

Deliver = Callable[[RunContext, datetime, Channel, Scope], DeliveryReport]
Furnish = Callable[[RunContext], RunContext]


def as_it_is(context: RunContext) -> RunContext:
    """Return the context with its real channels."""
    return context


def cycle(context: RunContext, as_of: datetime, send: Deliver = deliver) -> None:
    """Run the tasks of the sweeps in their order, as plain calls: what the first one plans leaves before the others."""
    scope = Scope()
    for task in (take_in_deals, take_in_signals, take_back_milestones):
        task(context, as_of, scope)
    for stage in STAGES:
        review_stage(context, as_of, scope, stage)
    for channel in Channel:
        send(context, as_of, channel, scope)
    for task in (send_check_ins, escalate_stalled, write_digests, take_back_milestones):
        task(context, as_of, scope)
    for channel in Channel:
        send(context, as_of, channel, scope)


def plan(context: RunContext, as_of: datetime) -> None:
    """Run a cycle that decides everything and sends nothing."""
    cycle(context, as_of, lambda context, as_of, channel, scope: DeliveryReport(channel=channel))


@dataclass
class House:
    """One home at a fixed path, its run context warm in this process (statements compiled, templates read)."""

    home: Path
    context: RunContext
    as_of: datetime
    _rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def keep(self) -> None:
        """Keep the present state for ``reset``."""
        self.context.database.engine.dispose()
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.home, self._kept)
        if self._on_postgres:
            self._rows = rows_of(self.context.database)
            self.context.database.engine.dispose()

    def reset(self) -> None:
        """Restore the kept state. No connection stays open, so that a child may be forked."""
        self.context.database.engine.dispose()
        shutil.rmtree(self.home)
        shutil.copytree(self._kept, self.home)
        if self._on_postgres:
            with self.context.database.writing() as conn:
                for table in reversed(metadata.sorted_tables):
                    conn.execute(delete(table))
                for table in metadata.sorted_tables:
                    if rows := self._rows.get(table.name):
                        conn.execute(insert(table), [dict(row) for row in rows])
            self.context.database.engine.dispose()

    def cycle(self, later: timedelta = timedelta(), furnish: Furnish = as_it_is, send: Deliver = deliver) -> None:
        """Run a cycle at this home's moment, by the real clock plus ``later``, when leases of the dead have expired."""
        cycle(furnish(self.fresh(later)), self.as_of, send)

    def fresh(self, later: timedelta = timedelta()) -> RunContext:
        """Return the run context as in a new process, without caches of an earlier run."""
        settings = self.context.settings
        return replace(
            self.context,
            crm=CsvFolder(settings.crm.folder, self.context.mapping),
            mail=Maildir(settings.mail.folder),
            chat=ChatFile(settings.chat.path),
            wall_clock=lambda: datetime.now(UTC) + later,
            calendars_kept=set(),
            diaries={},
        )

    @property
    def _kept(self) -> Path:
        return self.home.with_name(f"{self.home.name}-kept")

    @property
    def _on_postgres(self) -> bool:
        return self.context.database.dialect == "postgresql"


def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table."""
    with database.reading() as conn:
        return {
            table.name: [dict(row._mapping) for row in conn.execute(select(table))] for table in metadata.sorted_tables
        }
