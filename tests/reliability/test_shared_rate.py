"""Four processes, each with the three channels, and rate limits that they share: checked by arrival times (R20)."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from config.settings.channels import SlackChat
from database.engine import Database, connect
from database.outbox import planned
from database.tables import EffectRow, dump
from database.upgrades import upgrade
from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.delivery.limits.rate_limits import SLACK_PER_SECOND
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Wire, provider
from tests.reliability.killing import start, wait
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

PROCESSES, LIMIT, BURST = 4, 40, 4
MAILS, POSTS, ROWS = 100, 4, 40
ROOMS = ("C1", "C2")
DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@dataclass
class Seen:
    """Arrival times by the far side's clock, by rate limit, and how long before each message was marked as sending."""

    arrived: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    at: dict[str, float] = field(default_factory=dict)
    twice: int = 0
    late: float = 0
    """The longest time from the marking as sending to the arrival, in seconds: a machine may be busy."""

    def note(self, key: str) -> str:
        """Record an arrival."""
        self.twice += key in self.at
        self.at[key] = time.time()
        self.arrived[key.rpartition("-")[0]].append(self.at[key])
        return "accept"

    def learn(self, database: Database) -> None:
        """Record how long each message took."""
        with database.reading() as conn:
            for row in conn.execute(select(EffectRow.key, EffectRow.first_left_at)):
                if row.key in self.at:
                    self.late = max(self.late, self.at[row.key] - row.first_left_at.timestamp())

    def worst(self, name: str) -> int:
        """Return the most arrivals in any second."""
        ordered = sorted(self.arrived[name])
        return max(sum(begin <= at < begin + 1 for at in ordered) for begin in ordered)

    def most(self, per_second: float, burst: int) -> float:
        """Return the most that may arrive in a second: what was marked in it, and what was still in flight."""
        return per_second * (1 + self.late) + burst


def owe_all(database: Database, mails: int, posts: int, rows: int) -> None:
    """Plan so many mails, posts a channel and CRM rows, with stored payloads and due."""
    owe(database, 0)
    wanted = [(Channel.MAIL, "mail", mails), (Channel.CRM, "crm", rows)]
    wanted += [(Channel.SLACK, f"slack-{room}", posts) for room in ROOMS]
    with database.writing() as conn:
        for channel, name, count in wanted:
            effects = [owed(f"{name}-{number}", channel) for number in range(count)]
            planned.plan(conn, [(None, effect) for effect in effects], START)
            payload = dump({"object": "Onboarding__c", "key": name, "fields": {}, "channel": name, "text": "frozen"})
            keys = [effect.key for effect in effects]
            conn.execute(update(EffectRow).where(EffectRow.key.in_(keys)).values(payload=payload))


def owed(key: str, channel: Channel) -> PlannedEffect:
    return PlannedEffect(
        key=key,
        kind="welcome",
        occurrence=key,
        channel=channel,
        person_id="" if channel is Channel.CRM else key,
        target_id=key if channel is Channel.CRM else "",
        recipient=f"{key}@customer.example",
        role="champion",
        due_at=START,
        because="it is due",
    )


@contextmanager
def far_side() -> Iterator[tuple[Seen, int]]:
    with provider() as there:
        seen = Seen()
        there.mood = lambda key, offer: seen.note(key)
        yield seen, there.port


def all_at_once(places: Sequence[RunContext], folder: Path) -> float:
    """Run a process for each run context, each with its own order of channels; return the seconds that all took."""
    runs, children = list(Channel), []
    for context in places:
        context.database.engine.dispose()
    began = time.monotonic()
    for number, context in enumerate(places):

        def run(context: RunContext = context, first: int = number % 3) -> None:
            for channel in runs[first:] + runs[:first]:
                deliver(context, START, channel, Scope())

        children.append((start(run, folder / f"error{number}"), folder / f"error{number}"))
    for child, error in children:
        assert wait(child) == 0, error.read_text()
    return time.monotonic() - began


def connected(context: RunContext, port: int, database: Database) -> RunContext:
    """Return the run context with its three channels to this far side."""
    chat = SlackChat(token=SecretStr("xoxb-1"), channel="C1")
    settings = replace(context.settings, chosen_mail_rate=float(LIMIT), chat=chat)
    way = Wire(port, "plain")
    return replace(context, settings=settings, database=database, mail=way, chat=way, crm=way)  # type: ignore[arg-type]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_four_processes_with_three_lanes_never_go_above_the_rates_they_share(
    light_context: RunContext,
    new_database_url: Callable[[str], str],
    dialect: str,
    tmp_path: Path,
    proof: Callable[[str], None],
) -> None:
    database = connect(new_database_url(dialect), durable=False)
    upgrade(database)
    owe_all(database, MAILS, POSTS, ROWS)
    with far_side() as (seen, port):
        context = connected(light_context, port, database)
        seconds = all_at_once([context] * PROCESSES, tmp_path)
        seen.learn(database)
    database.close()
    posts = max(seen.worst(f"slack-{room}") for room in ROOMS)
    proof(
        f"RATE {dialect} processes={PROCESSES} channels=3 mail worst={seen.worst('mail')}/{LIMIT + BURST} "
        f"slack worst={posts}/{SLACK_PER_SECOND + 1:.0f} crm worst={seen.worst('crm')} (no rate) "
        f"on its way<={seen.late * 1000:.0f} ms seconds={seconds:.1f} dup={seen.twice}"
    )
    assert len(seen.at) == MAILS + POSTS * len(ROOMS) + ROWS
    assert seen.twice == 0
    assert seen.worst("mail") <= seen.most(LIMIT, BURST)
    assert posts <= seen.most(SLACK_PER_SECOND, 1)
    assert seen.worst("crm") > seen.most(SLACK_PER_SECOND, 1), "what has no rate does not wait for what has"


def test_control_four_processes_with_a_rate_of_their_own_each_go_above_it(
    light_context: RunContext, tmp_path: Path, proof: Callable[[str], None]
) -> None:
    databases = [connect(f"sqlite:///{tmp_path / str(number)}.db", durable=False) for number in range(PROCESSES)]
    for number, database in enumerate(databases):
        upgrade(database)
        owe_all(database, 0, 0, 0)
        with database.writing() as conn:
            effects = [owed(f"mail-{number * 100 + one}", Channel.MAIL) for one in range(MAILS // PROCESSES)]
            planned.plan(conn, [(None, effect) for effect in effects], START)
            conn.execute(update(EffectRow).values(payload=dump({"text": "frozen"})))
    with far_side() as (seen, port):
        all_at_once([connected(light_context, port, database) for database in databases], tmp_path)
        for database in databases:
            seen.learn(database)
            database.close()
    proof(f"RATE control: a rate each, mail worst={seen.worst('mail')}/{LIMIT + BURST}")
    assert len(seen.at) == MAILS
    assert seen.worst("mail") > seen.most(LIMIT, BURST)
