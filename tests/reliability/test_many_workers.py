"""Two, four and eight workers share thousands of effects (R4). The far side records every arrival and drops none."""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from database.engine import Database, connect
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.killing import start, wait
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

EFFECTS = {1: 600, 20: 1_200, 200: 10_000}
"""The number of effects, by the messages of a call: where each needs a commit of its own, fewer are enough."""

Work = Callable[[], object]


@dataclass(frozen=True)
class Book:
    """A provider that takes every message, repeats too: a line for each, in one file for all processes."""

    file: Path
    batch: int
    least: int = 1
    """Nothing is taken before so many processes have leased something: SQLite's lock is not fair."""
    guarantee: Guarantee = Guarantee.KEYED
    """``keyed``, so that calls of several messages are made; in fact it drops no repeat."""
    embedded = True
    slots = 1
    key_life = None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        meet(self.file.with_suffix(".met"), self.least)
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, "".join(f"{outgoing.key} {os.getpid()}\n" for outgoing in messages).encode())
        os.close(handle)
        return [SendResult(state=ResultState.SENT, provider_id=outgoing.key) for outgoing in messages]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")

    def arrivals(self) -> Counter[str]:
        return Counter(line.split()[0] for line in self.file.read_text().splitlines())

    def bringers(self) -> set[str]:
        """Return the processes that sent something."""
        return {line.split()[1] for line in self.file.read_text().splitlines()}


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("workers", [2, 4, 8])
def test_many_workers_send_every_effect_once_and_a_careless_claim_does_not(
    light_context: RunContext,
    new_database_url: Callable[[str], str],
    dialect: str,
    workers: int,
    tmp_path: Path,
    proof: Callable[[str], None],
) -> None:
    database = connect(new_database_url(dialect), durable=False)
    told = []
    for batch, effects in EFFECTS.items():
        owe(database, effects)
        book = Book(tmp_path / f"book-{batch}", batch, least=2)
        context = replace(light_context, database=database, mail=book)
        tick = partial(deliver, context, START, Channel.MAIL, Scope())
        seconds = at_once(tick, workers, database, tmp_path)
        arrived = book.arrivals()
        lost, twice = effects - len(arrived), arrived.total() - len(arrived)
        shared = len(book.bringers())
        told.append(f"batch={batch} n={effects} eff/s={effects / seconds:.0f} by={shared} dup={twice} lost={lost}")
        assert (lost, twice) == (0, 0)
        assert unsent(database) == []
        assert shared > 1
    control = careless(database, workers, tmp_path)
    database.close()
    proof(f"CLAIM {dialect} w={workers} {', '.join(told)}, control_dup={control}")
    assert control > 0


def careless(database: Database, workers: int, folder: Path) -> int:
    """Run the control, which reads first and then marks, in two transactions; return how many arrived twice.

    All processes have read once before the first one marks, so that no chance is involved.
    """
    owe(database, 400)
    book = Book(folder / "careless", 20)

    def work() -> None:
        while keys := unsent(database)[: book.batch]:
            meet(folder / "looked", workers)
            with database.writing() as conn:
                for key in keys:  # One after the other: two that lock the same rows in another order deadlock.
                    conn.execute(update(EffectRow).where(EffectRow.key == key).values(state="sent"))
            book.send([OutgoingMessage(key=key, payload={}) for key in keys])

    at_once(work, workers, database, folder)
    arrived = book.arrivals()
    assert len(arrived) == 400
    return arrived.total() - len(arrived)


def meet(folder: Path, workers: int) -> None:
    """Wait until so many processes are here."""
    folder.mkdir(exist_ok=True)
    (folder / str(os.getpid())).touch()
    patience = time.monotonic() + 60
    while len(list(folder.iterdir())) < workers:
        assert time.monotonic() < patience, "the other workers never got anything"
        time.sleep(0.001)


def unsent(database: Database) -> list[str]:
    with database.reading() as conn:
        return list(
            conn.execute(select(EffectRow.key).where(EffectRow.state != "sent").order_by(EffectRow.key)).scalars()
        )


def at_once(work: Work, workers: int, database: Database, folder: Path) -> float:
    """Return the seconds until so many processes have done it."""
    database.engine.dispose()
    began = time.monotonic()
    children = [(start(work, folder / f"error{number}"), folder / f"error{number}") for number in range(workers)]
    for child, error in children:
        assert wait(child) == 0, error.read_text()
    return time.monotonic() - began
