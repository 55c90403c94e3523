"""What one effect costs the database, counted (P4), and many workers on ten thousand of them (R4, P10)."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from database.engine import Database, connect
from database.outbox import ledger
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.builders.statements import watching
from tests.reliability.killing import start, wait
from tests.reliability.simulation import START, owe

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
Proof = Callable[[str], None]


@dataclass
class Taker:
    """A sender that accepts everything at once."""

    guarantee: Guarantee
    batch: int
    slots: int
    taken: list[str] = field(default_factory=list)
    embedded = True
    key_life = None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self.taken += [outgoing.key for outgoing in messages]
        return [SendResult(state=ResultState.SENT, provider_id="p") for _ in messages]

    def find(self, key: str) -> str | None:
        return None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sender", "effects", "most_statements", "most_commits"),
    [
        (Taker("plain", 1, 1), 200, 3.0, 1.1),
        (Taker("plain", 1, 8), 200, 3.0, 1.1),
        (Taker("keyed", 1, 8), 200, 3.0, 1.1),
        (Taker("keyed", 200, 1), 1000, 0.05, 0.05),
    ],
    ids=["plain", "plain threads", "keyed threads", "keyed batches"],
)
def test_an_effect_costs_few_statements_and_at_most_one_commit(
    light_context: RunContext, sender: Taker, effects: int, most_statements: float, most_commits: float, proof: Proof
) -> None:
    owe(light_context.database, effects)
    heard: list[str] = []
    with watching(light_context.database, heard.append):
        deliver(replace(light_context, mail=sender), START, Channel.MAIL, Scope())
    assert sorted(sender.taken) == sorted(f"effect-{number}" for number in range(effects))
    statements = sum(not word.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SELECT 1")) for word in heard) / effects
    commits = sum(word == "COMMIT" for word in heard) / effects
    proof(
        f"COST {sender.guarantee} batch={sender.batch} slots={sender.slots} statements={statements:.3f} "
        f"commits={commits:.3f} an effect"
    )
    assert statements <= most_statements
    assert commits <= most_commits


def test_a_lane_with_nothing_to_do_asks_once(light_context: RunContext) -> None:
    owe(light_context.database, 1)
    context = replace(light_context, mail=Taker("plain", 1, 1))
    deliver(context, START, Channel.MAIL, Scope())
    heard: list[str] = []
    with watching(light_context.database, heard.append):
        deliver(context, START, Channel.MAIL, Scope())
    assert [word.split()[0] for word in heard if not word.startswith(("BEGIN", "ROLLBACK", "COMMIT"))] == ["SELECT"]


EFFECTS = 2000


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("workers", "batch"), [(2, 20), (4, 20), (4, 200)])
def test_many_workers_claim_each_effect_once(
    new_database_url: Callable[[str], str], dialect: str, workers: int, batch: int, tmp_path: Path, proof: Proof
) -> None:
    database = connect(new_database_url(dialect))
    alone, _ = claimed(database, 1, batch, tmp_path / "one")
    together, found = claimed(database, workers, batch, tmp_path / "many")
    database.close()
    doubles = len(found) - len(set(found))
    proof(
        f"CLAIM {dialect} w={workers} batch={batch} eff/s={together:.0f} alone={alone:.0f} "
        f"ratio={together / alone:.2f} dup={doubles} lost={EFFECTS - len(set(found))}"
    )
    assert (doubles, len(set(found))) == (0, EFFECTS)


def claimed(database: Database, workers: int, batch: int, folder: Path) -> tuple[float, list[str]]:
    """Return how many effects a second so many processes claim, and which."""
    folder.mkdir()
    owe(database, EFFECTS)
    database.engine.dispose()
    begin = time.monotonic() + 0.3

    def work() -> None:
        found: list[str] = []
        with database.writing():
            pass
        time.sleep(max(0.0, begin - time.monotonic()))
        while mine := claim(database, batch):
            found += mine
        (folder / uuid.uuid4().hex).with_suffix(".keys").write_text("\n".join(found))

    children = [(start(work, folder / f"error{number}"), folder / f"error{number}") for number in range(workers)]
    for child, error in children:
        assert wait(child) == 0, error.read_text()
    took = time.monotonic() - begin
    return EFFECTS / took, [key for file in folder.glob("*.keys") for key in file.read_text().split()]


def claim(database: Database, batch: int) -> list[str]:
    now = datetime.now(UTC)
    with database.writing() as conn:
        leased = ledger.claim(conn, Channel.MAIL, as_of=START, real_now=now, token=uuid.uuid4().hex, limit=batch)
    return [effect.key for effect in leased]
