"""Accounts whose first day runs on the topology while anything of it is killed at random; judged by what the mail
provider and the CRM have in the end."""

import csv
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from benchmarks.first_cycle import NOW
from database.engine import Database
from database.tables import EffectRow, OnboardingRow
from onboarding.model.vocabulary import EffectState
from tests.distribution.processes import wait
from tests.distribution.topology import Topology, prefect_client

SWEEPS = ("onboard-accounts/every-10-minutes", "deliver/every-5-minutes", "sync-crm/every-15-minutes")
DECK = (
    *("worker", "worker", "worker alone", "run", "run"),
    *("prefect-1", "prefect-2", "prefect-services", "redis", "postgres"),
)
"""What is killed, each once before any a second time; workers and runs more often, as they carry the work."""
ONE_OF_EACH = ("worker", "run", "prefect-1", "redis", "postgres")
STEP = timedelta(minutes=1)
EVERY = 8
"""Seconds between two orders of sweeps."""
MAILS = ("kickoff_invitation", "welcome")
"""What the champion of each account gets on the first day."""
ROWS = 41
"""The CRM rows of each account: its onboarding and 40 milestones."""
OPEN = ("planned", "leased", "sending")


@dataclass
class Sweeps:
    """Orders sweeps as the schedules do, but every few seconds and by the clock of the accounts' first day."""

    made: Topology
    runs: int = 0
    next_at: float = 0
    moment: datetime = NOW
    """The moment of the newest order: a minute later each time, so that what is tried again becomes due."""
    deployments: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Switch the schedules off: they run by the real clock."""
        with prefect_client(self.made) as client:
            for name in SWEEPS:
                found = client.read_deployment_by_name(name)
                self.deployments[name] = found.id
            for one in client.read_deployments():
                for schedule in one.schedules:
                    client.update_deployment_schedule(one.id, schedule.id, active=False)

    def order(self) -> None:
        """Order one run of each that has none waiting; where the API is down the next order makes up for it."""
        options = {"as_of": (self.moment + STEP).isoformat()}
        with suppress(Exception), prefect_client(self.made) as client:
            for deployment in self.deployments.values():
                if not client.read_flow_runs(flow_run_filter=_waiting(deployment), limit=1):
                    client.create_flow_run_from_deployment(deployment, parameters={"options": options})
                    self.runs += 1
            self.moment += STEP

    def order_now_and_then(self) -> None:
        """Order them where the last order is long enough ago."""
        if time.monotonic() >= self.next_at:
            self.order()
            self.next_at = time.monotonic() + EVERY


def _waiting(deployment: Any) -> Any:
    from prefect.client.schemas.filters import FlowRunFilter

    states = {"state": {"type": {"any_": ["SCHEDULED"]}}}
    return FlowRunFilter.model_validate(states | {"deployment_id": {"any_": [deployment]}})


@dataclass
class Killer:
    """Kills one part after another, by the seed."""

    made: Topology
    chance: random.Random
    deck: Sequence[str] = DECK
    left: list[str] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    revived: Counter[str] = field(default_factory=Counter)

    def kill(self) -> None:
        """Kill the next part; where it has no flow run to kill, a worker."""
        if not self.left:
            self.left = self.chance.sample(self.deck, len(self.deck))
        word = self.left.pop()
        runs = [run for worker in self.made.workers for run in worker.flow_runs()] if word == "run" else []
        if runs:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(runs), signal.SIGKILL)
        elif word in ("worker", "worker alone", "run"):
            worker = self.chance.choice([one for one in self.made.workers if one.runs] or self.made.workers)
            worker.kill_alone() if word == "worker alone" else worker.kill()
        else:
            self.made.parts[word].kill()
        self.killed["run" if runs else "worker" if word == "run" else word] += 1

    def revive(self) -> None:
        self.revived.update(self.made.revive())


@dataclass
class Work:
    """The first day's work of so many accounts, and how much of it is done."""

    accounts: int
    database: Database
    delivered: Mapping[str, int]
    """The mail provider's record."""
    share: float = 0

    def done(self) -> float:
        """Return the share that is done, by the time that each part takes; the last known while the database is
        down."""
        with suppress(DBAPIError), self.database.reading() as conn:
            opened = conn.execute(select(func.count()).select_from(OnboardingRow)).scalar_one()
            crm = select(func.count()).where(EffectRow.channel == "crm")
            planned, written = (
                conn.execute(one).scalar_one() for one in (crm, crm.where(EffectRow.state == EffectState.SENT.value))
            )
            rows = self.accounts * ROWS
            mails = len(self.delivered) / self.accounts / len(MAILS)
            self.share = 0.1 * opened / self.accounts + 0.3 * planned / rows + 0.3 * mails + 0.3 * written / rows
        return min(self.share, 1)


@dataclass(frozen=True)
class Verdict:
    """What the far sides have, against what each account must get."""

    lost: int
    twice: int
    shown: int
    """Mails that may have arrived and wait for a person: only where the mail server takes no key."""

    def __str__(self) -> str:
        return f"lost={self.lost} twice={self.twice}" + (f" shown={self.shown}" if self.shown else "")


def live_through_kills(made: Topology, killer: Killer, sweeps: Sweeps, work: Work, kills: int) -> None:
    """Order sweeps while parts are killed, each when a random share of the first day's work is done, and start again
    what has ended. A busy machine takes longer, and the kills meet the same work."""
    at = sorted(killer.chance.random() for _ in range(kills))
    sweeps.begin()
    made.start(*(part.name for part in made.workers))
    while at:
        sweeps.order_now_and_then()
        if work.done() >= at[0]:
            killer.kill()
            del at[0]
        time.sleep(1)
        killer.revive()


def open_effects(database: Database) -> Counter[str]:
    """Return how many effects have neither arrived nor been given up, by state."""
    statement = select(EffectRow.state, func.count()).where(EffectRow.state.in_(OPEN)).group_by(EffectRow.state)
    with database.reading() as conn:
        return Counter({row[0]: row[1] for row in conn.execute(statement)})


def settle(killer: Killer, sweeps: Sweeps, work: Work, within: float) -> None:
    """Order sweeps until nothing is owed any more."""

    def done() -> bool:
        sweeps.order_now_and_then()
        killer.revive()
        time.sleep(1)
        with suppress(DBAPIError):
            return work.done() >= 1 and not open_effects(work.database)
        return False

    wait(done, within=within)


def judge(delivered: Mapping[str, int], database: Database, crm: Path, accounts: int) -> Verdict:
    """Compare the mail provider's record and the CRM's rows with what each account must get, once."""
    owed = {f"006BB{n:010d}": set(MAILS) for n in range(1, accounts + 1)}
    shown = _in_doubt(database)
    lost = twice = 0
    arrived = Counter({_mail(key): 0 for key in delivered})
    for key, times in delivered.items():
        arrived[_mail(key)] += times
    for deal, kinds in owed.items():
        for kind in kinds:
            times = arrived.pop((deal, kind), 0)
            lost += times == 0 and (deal, kind) not in shown
            twice += max(0, times - 1)
    assert not arrived, f"nobody was to get these: {list(arrived)[:3]}"
    rows = Counter(_keys(crm / "Onboarding__c.csv")) + Counter(_keys(crm / "Onboarding_Milestone__c.csv"))
    return Verdict(lost + max(0, accounts * ROWS - len(rows)), twice + rows.total() - len(rows), len(shown))


def _mail(key: str) -> tuple[str, str]:
    """Return the deal and the step of a mail by its key."""
    deal, kind, *_ = key.split(":")
    return deal[:15], kind


def _in_doubt(database: Database) -> set[tuple[str, str]]:
    with database.reading() as conn:
        keys = conn.execute(select(EffectRow.key).where(EffectRow.channel == "mail", EffectRow.state == "unknown"))
        return {_mail(key) for key in keys.scalars()}


def _keys(file: Path) -> Iterable[str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return [row["First90_Key__c"] for row in csv.DictReader(rows)]


def answering(database: Database) -> bool:
    """Return whether the database accepts statements: after a crash it recovers first."""
    with suppress(DBAPIError):
        open_effects(database)
        return True
    return False
