"""Whether work depends on what is open: 1,000 due of 10,000 and of 1,000,000, and a sweep with nothing due.

    python -m benchmarks.growth [sqlite|postgres] [small] [large] [due]

Work is counted, not timed: SQLite's virtual machine steps (by its progress handler, each hundred), PostgreSQL's
blocks. Goals: 1.05 times the steps (P1), 1.6 times the blocks; an idle sweep of at most 10 statements and 5 ms of the
database's time (P2).
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

from sqlalchemy import event, text

from benchmarks.model_onboarding import NOW
from benchmarks.portfolio import BATCH, build, databases, review_batch
from database.engine import Database
from database.onboardings import cases
from database.outbox.due import work_waits
from onboarding.model.vocabulary import Channel, Concern, Stage
from tests.builders.statements import watching

STEPS = 100


def main(kind: str, small: int, large: int, due: int) -> None:
    """Build both sizes, measure and print."""
    work = [_measure(kind, size, due) for size in (small, large)]
    growth = work[1] / work[0]
    goal = 1.05 if kind == "sqlite" else 1.6
    unit = "VM steps" if kind == "sqlite" else "blocks"
    print(f"growth of work ({unit}) from {small:,} to {large:,}: {growth:.3f} (goal <= {goal})", end=" ")
    print("ok" if growth <= goal else "MISSED")


def _measure(kind: str, size: int, due: int) -> int:
    with databases(kind) as database:
        started = perf_counter()
        library = build(database, size, due, thin=True)
        print(f"{kind}: {size:,} open, {due:,} due, made in {perf_counter() - started:.0f} s")
        with counted(database) as count:
            with database.reading() as conn:
                keys = cases.due_keys(conn, Concern.STAGES, NOW)
            for start in range(0, len(keys), BATCH):
                review_batch(database, library, keys[start : start + BATCH], NOW)
            work = count()
        print(f"  {len(keys):,} reviewed: {work:,}")
        heard: list[str] = []
        with watching(database, heard.append):
            _idle_tick(database)
        times = []
        for _ in range(5):
            with asked(database) as seconds:
                _idle_tick(database)
            times.append(seconds())
        statements = [sql for sql in heard if sql.startswith(("SELECT", "UPDATE", "WITH", "INSERT"))]
        with counted(database) as count:
            _idle_tick(database)
            idle = count()
        found = f"{len(statements)} statements (goal <= 10), {1000 * min(times):.1f} ms (goal <= 5)"
        met = len(statements) <= 10 and min(times) <= 0.005
        print(f"  idle tick, {size:,} open: {idle:,}, {found} {'ok' if met else 'MISSED'}")
        return work


def _idle_tick(database: Database) -> None:
    """Run the statements of a sweep with nothing due: what is due in each stage, and what waits on each channel, for
    which nothing is leased or recovered then (``tasks/delivery/channel_loop.py``)."""
    early = NOW.replace(year=2020)
    with database.reading() as conn:
        for stage in Stage:
            assert not cases.due_keys(conn, Concern.STAGES, early, stage=stage)
        for channel in Channel:
            assert not work_waits(conn, channel, as_of=early, real_now=early)


@contextmanager
def asked(database: Database) -> Iterator[Callable[[], float]]:
    """Sum the seconds that statements take inside the block."""
    sent, total = 0.0, 0.0

    def before(*_: object) -> None:
        nonlocal sent
        sent = perf_counter()

    def after(*_: object) -> None:
        nonlocal total
        total += perf_counter() - sent

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "after_cursor_execute", after)
    yield lambda: total
    event.remove(database.engine, "before_cursor_execute", before)
    event.remove(database.engine, "after_cursor_execute", after)


@contextmanager
def counted(database: Database) -> Iterator[Callable[[], int]]:
    """Count the database's work inside the block."""
    if database.dialect == "postgresql":
        before = _blocks(database)
        yield lambda: _blocks(database) - before
        return
    count = 0

    def step() -> int:
        nonlocal count
        count += STEPS
        return 0

    def begin(connection: object) -> None:
        connection.connection.dbapi_connection.set_progress_handler(step, STEPS)  # type: ignore[attr-defined]

    event.listen(database.engine, "begin", begin)
    yield lambda: count
    event.remove(database.engine, "begin", begin)


def _blocks(database: Database) -> int:
    """Return the number of blocks that this database has touched since it was made."""
    database.engine.dispose()  # a session reports its counts when it ends
    sleep(1.2)
    query = "SELECT sum(blks_hit + blks_read) FROM pg_stat_database WHERE datname = current_database()"
    with database.engine.connect() as conn:
        return int(conn.execute(text(query)).scalar_one())


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers = [int(value) for value in given[1:]]
    main(given[0] if given else "sqlite", *(numbers + [10_000, 1_000_000, 1_000][len(numbers) :]))
