"""The database crashes or is locked while mails leave (R6); broken variants that ignore it send one twice."""

import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import DBAPIError

from database.engine import Database, connect
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from tasks.runtime.context import RunContext
from tests.reliability.databases import Heedless, OwnPostgres, states, ticks
from tests.reliability.far_side import Provider, Wire, provider
from tests.reliability.simulation import owe

pytestmark = pytest.mark.slow

Fall = Callable[[], None]
Proof = Callable[[str], None]
EFFECTS, FALLS, LOCK_SECONDS = 12, 20, 10.0


@pytest.mark.postgres
def test_twenty_falls_of_a_database_lose_and_double_nothing(
    own_postgres: OwnPostgres, light_context: RunContext, proof: Proof
) -> None:
    """At random moments, keyed and plain in turn; and at the worst moment, at which a broken variant fails."""
    database, fall = own_postgres.database, own_postgres.fall
    chance, broke, told = Random(20), 0, Counter[str]()
    with provider() as there:
        for number in range(FALLS):
            guarantee: Guarantee = Guarantee.KEYED if number % 2 else Guarantee.PLAIN
            owe(database, EFFECTS)
            there.delivered.clear()
            there.keyed = guarantee == "keyed"
            there.mood = lambda key, offer: time.sleep(0.004) or "accept"  # type: ignore[func-returns-value]
            breaks = threading.Timer(chance.uniform(0, 0.05), fall)
            breaks.start()
            context = replace(light_context, database=database, mail=Wire(there.port, guarantee, batch=2))
            broke += ticks(context, 0)
            breaks.join()
            assert ticks(context, 3) == 0, "and one tick later all is settled"
            told += judged(database, there)
        owe(database, EFFECTS)
        there.delivered.clear()
        there.keyed = False
        context = replace(light_context, database=database, mail=Wire(there.port, "plain"))
        with falling_as_the_first_leaves(database, fall):
            assert ticks(context, 0) == 1
        assert not there.delivered, "what was not committed did not leave"
        assert ticks(context, 3, 6) == 0
        assert judged(database, there)["sent"] == EFFECTS
        owe(database, EFFECTS)
        there.delivered.clear()
        careless = replace(context, database=Heedless(database.engine, database.url))
        with falling_as_the_first_leaves(database, fall):
            ticks(careless, 0)
        shutil.rmtree(context.settings.home / "departures")  # else what left is known from there
        ticks(careless, 3, 6)
        control = sum(times > 1 for times in there.delivered.values())
    proof(
        f"DBRESTART postgresql n={FALLS} broke={broke} effects={told.total()} lost=0 dup=0 "
        f"shown={told['unknown']} control_dup={control}"
    )
    assert broke
    assert control


def judged(database: Database, there: Provider) -> Counter[str]:
    """Return all states, checked against the provider's records: none twice, none lost, none in flight."""
    found = states(database)
    assert set(found.values()) <= {"sent", "unknown"}
    assert all(there.delivered[key] == 1 for key, state in found.items() if state == "sent")
    assert max(there.delivered.values()) == 1
    return Counter(found.values())


@contextmanager
def falling_as_the_first_leaves(database: Database, fall: Fall) -> Iterator[None]:
    """Crash the server between the first marking as sending and its COMMIT."""
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


def test_a_file_that_is_locked_for_ten_seconds_delays_and_doubles_nothing(
    light_context: RunContext, proof: Proof
) -> None:
    """While the first mail is in flight another program locks the file; the control sends first and fails."""
    database = light_context.database
    with provider() as there:
        context = replace(light_context, mail=Wire(there.port, "plain"))
        owe(database, EFFECTS)
        began = time.monotonic()
        with locked_while_the_first_leaves(database, there, LOCK_SECONDS):
            assert ticks(context, 0) == 0
        seconds = time.monotonic() - began
        assert judged(database, there)["sent"] == EFFECTS
        owe(database, EFFECTS)
        there.delivered.clear()
        hurried = replace(context, database=connect(database.url, durable=False))
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


def send_first(context: RunContext) -> None:
    """The control: it sends, and records it afterwards."""
    for key in [key for key, state in states(context.database).items() if state == "planned"]:
        context.mail.send([OutgoingMessage(key=key, payload={})])
        with context.database.writing() as conn:
            conn.execute(update(EffectRow).where(EffectRow.key == key).values(state="sent"))


@contextmanager
def locked_while_the_first_leaves(database: Database, there: Provider, seconds: float) -> Iterator[None]:
    """Lock the file as another program does, from the first call until so many seconds later."""
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
