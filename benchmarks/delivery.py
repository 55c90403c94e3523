"""Delivery against a bare ledger: the same mails, provider and guarantee, with and without everything else.

    python -m benchmarks.delivery [mails] [milliseconds]

The bare loop is the least that is needed: lease, and for every mail one commit that records the last result and marks
the next as sending, then the call. Delivery adds the recheck, rate limits, the breaker, threads and reports. Goal: at
least 70 percent of the bare rate (P4), in the same run; the provider responds after so many milliseconds. It also
counts the templates compiled (P8).
"""

import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from sqlalchemy import delete, update

from config.settings.load import load_settings
from database.engine import Database, connect
from database.outbox import ledger, planned, results
from database.tables import EffectRow, dump
from database.upgrades import upgrade
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import Scope

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


class Provider:
    """A provider that takes a mail and responds after a delay."""

    guarantee: Guarantee = Guarantee.PLAIN
    embedded = True
    batch = 1
    key_life = None

    def __init__(self, seconds: float, slots: int) -> None:
        self._seconds, self.slots = seconds, slots

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Return that all were sent, after the delay."""
        sleep(self._seconds)
        return [SendResult(state=ResultState.SENT, provider_id="p") for _ in messages]

    def find(self, key: str) -> str | None:
        """Return None; never called."""
        return None


def main(mails: int, milliseconds: float) -> None:
    """Measure and print."""
    with TemporaryDirectory(prefix="first90-benchmark-") as folder:
        database = connect(f"sqlite:///{Path(folder) / 'first90.db'}")
        upgrade(database)
        with open_run_context(replace(load_settings(env_file=None), home=Path(folder))) as context:
            context = replace(context, database=database)
            provider = Provider(milliseconds / 1000, 1)
            bare = max(_rate(mails, database, lambda: _bare(database, provider)) for _ in range(3))
            print(f"bare ledger, one connection at {milliseconds} ms: {bare:.0f} mails/s")
            for slots in (1, 20):
                rate = max(_rate(mails, database, lambda n=slots: _whole(context, milliseconds, n)) for _ in range(3))
                verdict = ("ok" if rate >= 0.7 * bare else "MISSED") if slots == 1 else ""
                print(f"delivery, {slots} at once: {rate:.0f} mails/s, {rate / bare:.0%} of bare (goal 70 %) {verdict}")
        database.close()


def _rate(mails: int, database: Database, work: object) -> float:
    _plan(database, mails)
    started = perf_counter()
    work()  # type: ignore[operator]
    return mails / (perf_counter() - started)


def _plan(database: Database, count: int) -> None:
    effects = [
        PlannedEffect(
            key=f"effect-{number}",
            kind="welcome",
            occurrence="1",
            channel=Channel.MAIL,
            person_id=str(number),
            recipient=f"{number}@customer.example",
            role="champion",
            due_at=NOW - timedelta(seconds=1),
            because="it is due",
        )
        for number in range(count)
    ]
    with database.writing() as conn:
        conn.execute(delete(EffectRow))
        planned.plan(conn, [(None, effect) for effect in effects], NOW)
        conn.execute(update(EffectRow).values(payload=dump({"text": "frozen"})))


def _whole(context: RunContext, milliseconds: float, slots: int) -> None:
    deliver(replace(context, mail=Provider(milliseconds / 1000, slots)), NOW, Channel.MAIL, Scope())


def _bare(database: Database, provider: Provider) -> None:
    token = secrets.token_hex(16)
    while True:
        with database.writing() as conn:
            now = datetime.now(UTC)
            leased = ledger.claim(conn, Channel.MAIL, as_of=NOW, real_now=now, token=token, limit=200)
        if not leased:
            return
        done: dict[str, SendResult] = {}
        for effect in leased:
            with database.writing() as conn:
                now = datetime.now(UTC)
                results.record_results(conn, token, done, as_of=NOW, real_now=now, doubt="park")
                ledger.mark_sending(conn, token, [effect.key], as_of=NOW, real_now=now)
            (result,) = provider.send([OutgoingMessage(key=effect.key, payload=effect.payload or {})])
            done = {effect.key: result}
        with database.writing() as conn:
            results.record_results(conn, token, done, as_of=NOW, real_now=datetime.now(UTC), doubt="park")


if __name__ == "__main__":
    main(int((sys.argv[1:2] or ["600"])[0]), float((sys.argv[2:3] or ["1"])[0]))
