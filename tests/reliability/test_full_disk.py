"""The disk is full while mails leave (R7): only a broken variant sends something that is not recorded."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import DBAPIError

from database.engine import Database
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from tasks.runtime.context import RunContext
from tests.conftest import DIALECTS
from tests.reliability.databases import Heedless, OwnPostgres, states, tick, ticks
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

DISKS, EFFECTS = 12, 15
OWED = [f"effect-{number}" for number in range(EFFECTS)]


class Taking:
    """A provider that records what it took; a keyed one drops a repeat."""

    embedded = True
    batch = 1
    slots = 1
    key_life = None

    def __init__(self, guarantee: Guarantee) -> None:
        self.guarantee = guarantee
        self.taken = Counter[str]()

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        for outgoing in messages:
            self.taken[outgoing.key] = 1 if self.guarantee == "keyed" else self.taken[outgoing.key] + 1
        return [SendResult(state=ResultState.SENT, provider_id=outgoing.key * 400) for outgoing in messages]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")


@dataclass(frozen=True)
class Disk:
    """The disk of the database."""

    database: Database
    full: str
    """The database's error when nothing more fits."""
    room_for: Callable[[int], AbstractContextManager[None]]
    """A context manager inside which so many more pages fit; afterwards there is room again."""
    filling: int = 0
    """Further effects, which only take room."""


@pytest.fixture(params=DIALECTS)
def disk(request: pytest.FixtureRequest, light_context: RunContext) -> Disk:
    if request.param == "sqlite":
        database = light_context.database
        return Disk(database, "database or disk is full", lambda pages: room_in_sqlite(database, pages))
    server: OwnPostgres = request.getfixturevalue("own_postgres")
    server.make_log_small()
    return Disk(server.database, "could not extend file", lambda pages: room_in_postgres(server, pages), 800)


def test_on_a_full_disk_only_who_does_not_heed_it_sends_what_stands_nowhere(
    disk: Disk, light_context: RunContext, proof: Callable[[str], None]
) -> None:
    """When there is room again, all is delivered once; what a plain provider may have had waits for a person."""
    found, database = Counter[str](), disk.database
    for spare in range(DISKS):
        for name, send in (("engine", engine), ("control", heedless)):
            run = Taking("keyed" if spare % 2 else "plain")
            context = replace(light_context, database=database, mail=run)
            owe(database, EFFECTS + disk.filling)
            with disk.room_for(spare):
                try:
                    send(context)
                except DBAPIError as error:
                    found["full"] += disk.full in str(error.orig)
            written = states(database)
            found[name] += sum(written[key] not in ("sending", "sent") for key in run.taken)
            found[f"{name} left"] += len(run.taken)
            if send is engine:
                found.update(settled_with_room(context, run))
    proof(
        f"FULL {database.dialect} disks={DISKS} full={found['full']} left={found['engine left']} "
        f"unrecorded={found['engine']} then: sent={found['sent']} shown={found['unknown']} lost=0 dup=0; "
        f"control_left={found['control left']} control_unrecorded={found['control']}"
    )
    assert found["full"] >= 3
    assert 0 < found["engine left"] < DISKS * EFFECTS
    assert found["engine"] == 0
    assert found["control"] > 0


def settled_with_room(context: RunContext, run: Taking) -> Counter[str]:
    """Return the final states, once leases have expired, checked by the provider's records."""
    assert ticks(context, 3, 6) == 0
    now = {key: state for key, state in states(context.database).items() if key in OWED}
    assert set(now.values()) <= ({"sent"} if run.guarantee == "keyed" else {"sent", "unknown"})
    assert all(run.taken[key] == 1 for key, state in now.items() if state == "sent")
    assert max(run.taken.values()) == 1
    return Counter(now.values())


def engine(context: RunContext) -> None:
    tick(context, 0)


def heedless(context: RunContext) -> None:
    """The control: it sends whether the marking as sending could be written or not."""
    careless = Heedless(context.database.engine, context.database.url)
    for key in OWED:
        for state, note in (("sending", None), ("sent", key * 400)):
            if state == "sent":
                context.mail.send([OutgoingMessage(key=key, payload={})])
            with careless.writing() as conn:
                values = {"state": state, "lease_token": "t" * 32, "provider_id": note, "first_left_at": START}
                conn.execute(update(EffectRow).where(EffectRow.key == key).values(values))


@contextmanager
def room_in_sqlite(database: Database, pages: int) -> Iterator[None]:
    """Limit the database by its own limit on pages."""
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


@contextmanager
def room_in_postgres(server: OwnPostgres, pages: int) -> Iterator[None]:
    """Limit it by the system's limit on file sizes: the table of effects is the largest, so only it cannot grow."""
    with server.database.writing() as conn:
        conn.execute(update(EffectRow).values(because="x" * 1400))
        conn.execute(update(EffectRow).where(EffectRow.key.not_in(OWED)).values(state="cancelled"))
    server.run("VACUUM FULL effect")
    size, page, largest = (
        server.run(f"SELECT {what}")
        for what in (
            "pg_relation_size('effect')",
            "current_setting('block_size')::int",
            "max(pg_relation_size(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't')",
        )
    )
    assert size == largest > server.run("SELECT setting::int FROM pg_settings WHERE name = 'wal_segment_size'")
    server.restart(largest_file=size + pages * page)
    try:
        with server.database.reading() as conn:
            # A long reading transaction, so that no space of an earlier state is reused.
            conn.execute(select(EffectRow.key).limit(1))
            yield
    finally:
        server.restart()
