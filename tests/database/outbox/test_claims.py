"""Several workers at once, as processes: no effect is claimed twice; the control shows that a naive claim is."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from database.engine import connect
from database.outbox import ledger, planned
from onboarding.model.vocabulary import Channel

EFFECTS, WORKERS = 600, 3

WORKER = """
import sys, uuid
from datetime import UTC, datetime
from sqlalchemy import select, update
from database.outbox import ledger
from database.engine import connect
from database.tables import EffectRow
from onboarding.model.vocabulary import Channel

url, how, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
database, now = connect(url), datetime(2026, 3, 4, 10, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
if how == "careless":
    # The control: look first, then mark, each in a transaction of its own.
    def claim():
        with database.reading() as conn:
            query = select(EffectRow.key).where(EffectRow.state == "planned").order_by(EffectRow.key)
            keys = list(conn.execute(query.limit(batch)).scalars())
        with database.writing() as conn:
            conn.execute(update(EffectRow).where(EffectRow.key.in_(keys)).values(state="leased"))
        return keys
else:
    def claim():
        with database.writing() as conn:
            given = {"as_of": now, "real_now": now, "token": uuid.uuid4().hex, "limit": batch}
            return [effect.key for effect in ledger.claim(conn, Channel.MAIL, **given)]
while keys := claim():
    print("\\n".join(keys), flush=True)
"""


def claimed_by_all(url: str, how: str, batch: int) -> Counter[str]:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, url, how, str(batch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    found: Counter[str] = Counter()
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        found.update(out.split())
    return found


def plan(database, world, opened, count=EFFECTS):
    (key,) = opened()
    effects = [world.effect(f"{key}:step_{n}:1:mail:003A") for n in range(count)]
    with database.writing() as conn:
        planned.plan(conn, [(key, effect) for effect in effects], world.now)
    return {effect.key for effect in effects}


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 20])
def test_workers_share_the_effects_and_never_one(database, world, opened, batch):
    effects = plan(database, world, opened)
    found = claimed_by_all(database.url, "careful", batch)
    assert set(found) == effects
    assert max(found.values()) == 1


@pytest.mark.slow
@pytest.mark.postgres
def test_the_control_claims_effects_twice(new_database_url, world):
    """The control of the test above. On PostgreSQL, where two workers can read at the same moment."""
    database = connect(new_database_url("postgres"))
    effects = plan(database, world, lambda: world.fill(database))
    found = claimed_by_all(database.url, "careless", 20)
    database.close()
    assert set(found) == effects
    assert max(found.values()) > 1


@pytest.mark.postgres
def test_two_transactions_open_at_once_never_overlap(new_database_url, world):
    """The same without chance: the second claims while the first has not committed."""
    database = connect(new_database_url("postgres"))
    plan(database, world, lambda: world.fill(database), count=4)
    now = datetime(2026, 3, 4, 10, tzinfo=UTC)
    with database.writing() as one, database.writing() as two:
        first = ledger.claim(one, Channel.MAIL, as_of=now, real_now=now, token="a", limit=3)
        second = ledger.claim(two, Channel.MAIL, as_of=now, real_now=now, token="b", limit=3)
    database.close()
    assert len(first) == 3
    assert len(second) == 1
    assert not {effect.key for effect in first} & {effect.key for effect in second}
