"""The machine fails: the database restarts, is locked, is full; processes share one rate limit (R6, R7, R20)."""

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from database.channels import rates
from database.channels.rates import Rate
from database.engine import Database, connect
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Wire, provider
from tests.reliability.killing import start, wait
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

Proof = Callable[[str], None]
OVER = timedelta(minutes=2)


def states(database: Database) -> dict[str, str]:
    with database.reading() as conn:
        return {row.key: row.state for row in conn.execute(select(EffectRow.key, EffectRow.state))}


def go_on(context: RunContext, shift: list[timedelta]) -> None:
    """Run a delivery by the real clock, so much later that leases of a broken one have expired."""
    shift[0] += OVER
    clock = replace(context, wall_clock=lambda: datetime.now(UTC) + shift[0])
    deliver(clock, START + shift[0], Channel.MAIL, Scope())


# R6


def test_a_sqlite_file_locked_at_random_moments_only_delays(light_context: RunContext, proof: Proof) -> None:
    database, chance, longest = light_context.database, random.Random(7), 0.0
    file = str(database.engine.url.database)
    with provider() as there:
        context = replace(light_context, mail=Wire(there.port, "plain"))
        owe(database, 60)
        done = threading.Event()

        def lock() -> None:
            with sqlite3.connect(file, isolation_level=None, timeout=30) as other:
                for number in range(20):
                    other.execute("BEGIN IMMEDIATE")
                    time.sleep(3.0 if number == 9 else chance.uniform(0, 0.1))
                    other.execute("COMMIT")
                    time.sleep(chance.uniform(0, 0.02))
            other.close()
            done.set()

        locker = threading.Thread(target=lock)
        began = time.monotonic()
        locker.start()
        deliver(context, START, Channel.MAIL, Scope())
        longest = time.monotonic() - began
        locker.join()
        assert set(states(database).values()) == {"sent"}
        assert set(there.delivered.values()) == {1}
    proof(f"DBLOCK sqlite locks=20 effects=60 seconds={longest:.1f} lost=0 dup=0")


# R7


class Wordy:
    """A provider that records what it took, with long ids: to record the results the database must grow."""

    guarantee: Guarantee = Guarantee.PLAIN
    embedded = True
    batch = 1
    slots = 1
    key_life = None

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self.taken.update(outgoing.key for outgoing in messages)
        return [SendResult(state=ResultState.SENT, provider_id=outgoing.key * 400) for outgoing in messages]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")


def test_on_a_full_disk_nothing_leaves_that_is_not_written_down(light_context: RunContext, proof: Proof) -> None:
    database = light_context.database
    full = recorded = shown = 0
    for spare in range(12):
        owe(database, 15)
        limit = [0]
        database.engine.dispose()
        raw = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
        raw.execute("VACUUM")
        limit[0] = raw.execute("PRAGMA page_count").fetchone()[0] + spare
        raw.close()

        @event.listens_for(database.engine, "connect")
        def small(connection: sqlite3.Connection, record: object, limit: list[int] = limit) -> None:
            connection.execute(f"PRAGMA max_page_count = {limit[0]}")

        run = Wordy()
        context = replace(light_context, mail=run)
        try:
            deliver(context, START, Channel.MAIL, Scope())
        except DBAPIError as error:
            full += "full" in str(error.orig)
        found = states(database)
        for key in run.taken:
            assert found[key] in ("sending", "sent"), "what has left stands in the ledger"
            recorded += 1
        event.remove(database.engine, "connect", small)
        database.engine.dispose()
        shift = [timedelta()]
        go_on(context, shift)
        go_on(context, shift)
        found = states(database)
        assert set(found.values()) <= {"sent", "unknown"}
        assert set(run.taken.values()) == {1}
        assert all(run.taken[key] for key, state in found.items() if state == "sent")
        shown += list(found.values()).count("unknown")
    proof(f"FULL sqlite disks=12 full={full} left_and_recorded={recorded} lost=0 dup=0 shown={shown}")
    assert full >= 3


# R20: the row alone; over a whole delivery in test_shared_rate.py

WORKERS = 4


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_four_processes_take_from_one_row_exactly_what_it_grants(
    new_database_url: Callable[[str], str], dialect: str, tmp_path: Path, proof: Proof
) -> None:
    """Without a provider, as fast as they can; the control, which reads first and then writes, takes more."""
    database = connect(new_database_url(dialect))
    rate = Rate(name="mail", per_second=50, burst=5)

    def one_statement() -> int:
        with database.writing() as conn:
            return rates.take(conn, rate, 1, datetime.now(UTC)).units

    def careless() -> int:
        with database.reading() as conn:
            kept = conn.execute(text("SELECT free_at FROM rate WHERE name = 'mail'")).scalar() or 0
        at = int(time.time() * 1_000_000)
        if kept > at + 4 * 20_000:
            return 0
        with database.writing() as conn:
            conn.execute(text("UPDATE rate SET free_at = :free"), {"free": max(kept, at) + 20_000})
        return 1

    (exact, seconds), (control, longer) = (
        grants(take, database, tmp_path / name) for name, take in (("exact", one_statement), ("careless", careless))
    )
    database.close()
    granted, too_much = 5 + 50 * seconds, 5 + 50 * longer
    proof(f"RATE row {dialect} taken={exact}/{granted:.0f} control={control}/{too_much:.0f}")
    assert 5 < exact <= granted + 1
    assert control > too_much + 1


def grants(take: Callable[[], int], database: Database, folder: Path) -> tuple[int, float]:
    """Return what four processes get that take all they can for a second and a half, and the time they took."""
    folder.mkdir()

    def work() -> None:
        began, got = time.monotonic(), 0
        while time.monotonic() < began + 1.5:
            got += take()
        (folder / f"{time.monotonic_ns()}.got").write_text(f"{got} {began} {time.monotonic()}")

    in_processes(work, database, folder)
    told = [file.read_text().split() for file in folder.glob("*.got")]
    return sum(int(got) for got, _, _ in told), max(float(end) for *_, end in told) - min(float(t) for _, t, _ in told)


def in_processes(work: Callable[[], object], database: Database, folder: Path) -> None:
    database.engine.dispose()
    children = [(start(work, folder / f"error{number}"), folder / f"error{number}") for number in range(WORKERS)]
    for child, error in children:
        assert wait(child) == 0, error.read_text()
