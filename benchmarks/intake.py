"""The first intake of many accounts, from CSV or Salesforce: time, memory, statements, the longest transaction.

    python -m benchmarks.intake [accounts] [csv|salesforce] [sqlite|postgres]

An account has four people with a role in one won deal: ten records. The org is a sandbox in a process of its own. The
floor of the same run reads the same CSV files and inserts their rows with a bare `executemany` for each 5,000.
Goals: no write transaction over 0.2 s of processor time (0.5 s by the clock, which is told, but on a busy machine is
that of others too); at most 40 times the processor time of the floor; memory above idle at most 60 MB and 10 KB an
account: what was read is held until it is stored.
"""

import csv
import multiprocessing
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Any, NamedTuple

from sqlalchemy import Engine, event

from benchmarks.first_cycle import write_folder
from benchmarks.portfolio import databases
from config.settings.load import load_settings
from database.engine import Database
from sandbox.running import stand
from tasks.intake.sources import take_in_deals
from tasks.runtime.context import open_run_context
from tasks.runtime.scope import Scope

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
LONGEST, RATIO = 0.2, 40
IDLE_MB, ACCOUNT_KB = 60, 10
PART = 5000


class Span(NamedTuple):
    """The seconds of a transaction, and those of its thread's processor time."""

    seconds: float = 0.0
    cpu: float = 0.0


def main(accounts: int, source: str, kind: str) -> None:
    """Write the export, measure and print."""
    with tempfile.TemporaryDirectory(prefix="first90-benchmark-") as folder, databases(kind) as database:
        home, crm = Path(folder) / "home", Path(folder) / "export"
        write_folder(crm, accounts)
        floor = _floor(database, crm)
        os.environ |= {"FIRST90_HOME": str(home), "FIRST90_CRM": f"csv:{crm}", "FIRST90_CRM_SINCE": "2026-01-01"}
        os.environ["FIRST90_DATABASE_URL"] = database.url
        with _salesforce(Path(folder) / "org", crm) if source == "salesforce" else _nothing():
            settings = load_settings(env_file=None)
            with open_run_context(settings) as context, _watched(context.database) as found:
                idle, began, cpu = _peak(), perf_counter(), process_time()
                report = take_in_deals(context, NOW, Scope())
                took, used, above = perf_counter() - began, process_time() - cpu, _peak() - idle
    if report.opened != accounts or report.failures or report.set_aside:
        raise RuntimeError(f"{report.opened:,} opened: {(*report.failures, *report.set_aside)[:3]}")
    statements, transactions = found.statements, len(found.transactions)
    longest, cpu = (max(one[place] for one in found.transactions) for place in (0, 1))
    name = f"{source} into {kind}, {accounts:,} accounts"
    print(f"{name}: {took:.0f} s, {1000 * used / accounts:.1f} ms of processor time an account;", end=" ")
    print(f"{statements:,} statements in {transactions:,} write transactions")
    _told(f"{name}: longest write transaction {longest:.2f} s, of processor time {cpu:.2f} s", cpu, LONGEST)
    _told(
        f"{name}: against reading and inserting the rows bare ({floor:.1f} s) {took / floor:.1f}", took / floor, RATIO
    )
    most = IDLE_MB + ACCOUNT_KB * accounts / 1000
    _told(f"{name}: peak memory {above:.0f} MB above idle", above, most)


def _told(figure: str, value: float, goal: float) -> None:
    print(f"{figure} (goal <= {goal:g})", "ok" if value <= goal else "MISSED")


class _Found:
    """What was heard of the database."""

    def __init__(self) -> None:
        self.statements = 0
        self.transactions: list[Span] = []


@contextmanager
def _watched(database: Database) -> Iterator[_Found]:
    """Count statements, and time each transaction that writes from its begin to its commit."""
    found, begun = _Found(), Span()

    def statement(*_: Any) -> None:
        found.statements += 1

    def begin(conn: Any) -> None:
        nonlocal begun
        begun = Span(perf_counter(), thread_time())

    def commit(conn: Any) -> None:
        if conn.get_execution_options().get("first90_writes"):
            found.transactions.append(Span(perf_counter() - begun.seconds, thread_time() - begun.cpu))

    heard = (("before_cursor_execute", statement), ("begin", begin), ("commit", commit))
    for name, called in heard:
        event.listen(database.engine, name, called)
    yield found
    for name, called in heard:
        event.remove(database.engine, name, called)


def _floor(database: Database, crm: Path) -> float:
    """Read the export and insert its rows into bare tables, which are removed again; return the processor time."""
    began = process_time()
    for path in sorted(crm.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            columns = next(rows)
            _insert(database.engine, f"floor_{path.stem.lower()}", columns, rows)
    took = process_time() - began
    with database.engine.begin() as conn:
        for path in crm.glob("*.csv"):
            conn.exec_driver_sql(f"DROP TABLE floor_{path.stem.lower()}")
    return took


def _insert(engine: Engine, table: str, columns: list[str], rows: Iterator[list[str]]) -> None:
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    with engine.begin() as conn:
        conn.exec_driver_sql(f"CREATE TABLE {table} ({', '.join(f'{name} TEXT' for name in columns)})")
    while part := list(islice(rows, PART)):
        with engine.begin() as conn:
            statement = f"INSERT INTO {table} VALUES ({', '.join(mark for _ in columns)})"
            conn.exec_driver_sql(statement, [tuple(row) for row in part])


@contextmanager
def _salesforce(folder: Path, crm: Path) -> Iterator[None]:
    """Serve a sandbox org with these records from a process of its own, and have first90 read it."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(folder, crm, there), daemon=True)
    process.start()
    os.environ |= here.recv()
    yield
    here.send("end")
    process.join()


def _serve(folder: Path, crm: Path, pipe: Pipe) -> None:
    with stand(folder, crm, port=0, as_of=NOW) as org:
        named = {
            name: value for name, value in org.variables.items() if name not in ("FIRST90_HOME", "FIRST90_SIGNALS")
        }
        pipe.send(named)
        pipe.recv()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _peak() -> float:
    """Return the most resident memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 10_000,
        given[1] if len(given) > 1 else "csv",
        given[2] if len(given) > 2 else "sqlite",
    )
