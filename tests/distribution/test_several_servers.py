"""The Compose file's parts as processes, on Debian's PostgreSQL and Redis: any of them may be killed at any moment."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.first_cycle import write_folder
from config.settings.load import load_settings
from database.engine import connect
from flows.cycle import Cycle, run_cycle
from tasks.runtime.context import open_run_context
from tests.distribution.processes import wait
from tests.distribution.random_kills import (
    ONE_OF_EACH,
    Killer,
    Sweeps,
    Verdict,
    Work,
    answering,
    judge,
    live_through_kills,
    open_effects,
)
from tests.distribution.topology import Topology, missing, prefect_client, topology
from tests.integrations.mail.http_providers import TOKEN, HttpProvider, http_provider

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]
ACCOUNTS = 150
SEED = 20260309


@pytest.fixture(scope="module")
def far_side() -> Iterator[HttpProvider]:
    with http_provider("resend") as there:
        yield there


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, far_side: HttpProvider) -> Iterator[Topology]:
    pytest.importorskip("prefect_redis", reason="prefect-redis is not installed: make test sets it up")
    folder = tmp_path_factory.mktemp("topology")
    write_folder(folder / "crm", ACCOUNTS)
    mail = {"FIRST90_MAIL": "resend", "FIRST90_MAIL_API_URL": far_side.url, "FIRST90_MAIL_RATE": "500"}
    with topology(folder, FIRST90_CRM=f"csv:{folder / 'crm'}", FIRST90_MAIL_TOKEN=TOKEN, **mail) as found:
        yield found


def test_either_server_serves_what_the_services_plan_and_one_is_enough(made: Topology) -> None:
    made.parts["prefect-1"].kill()
    parts = [made.parts[name] for name in ("prefect-services", "prefect-2")]
    wait(lambda: _scheduled(made) >= 7, *parts)
    made.revive()


def _scheduled(made: Topology) -> int:
    """How many deployments have a scheduled run, which the services made; asked of the second server."""
    from prefect.client.schemas.filters import FlowRunFilter

    scheduled: Any = FlowRunFilter.model_validate({"state": {"type": {"any_": ["SCHEDULED"]}}})
    with prefect_client(made, made.apis[1]) as client:
        return len({run.deployment_id for run in client.read_flow_runs(flow_run_filter=scheduled, limit=200)})


@pytest.mark.long
def test_nothing_is_lost_and_nothing_comes_twice_whatever_is_killed(
    made: Topology,
    far_side: HttpProvider,
    monkeypatch: pytest.MonkeyPatch,
    proof: Callable[[str], None],
) -> None:
    """In the end all workers are dead too, and a cycle whose clock is three minutes later, when leases of the dead
    have ended, does what is left. ``benchmarks/topology.py`` waits for that, with 10,000 accounts."""
    killer, sweeps = Killer(made, random.Random(SEED), ONE_OF_EACH), Sweeps(made)
    database = connect(made.database_url)
    live_through_kills(made, killer, sweeps, Work(ACCOUNTS, database, far_side.delivered), len(ONE_OF_EACH))
    for worker in made.workers:
        worker.kill()
    wait(lambda: answering(database))
    left = open_effects(database)
    done_before = far_side.delivered.total()
    for name, value in made.settings.items():
        if name.startswith("FIRST90_"):
            monkeypatch.setenv(name, value)
    with open_run_context(load_settings(env_file=None)) as context:
        later = replace(context, wall_clock=lambda: datetime.now(UTC) + timedelta(minutes=3))
        run_cycle(later, Cycle(as_of=sweeps.moment + timedelta(minutes=30), plain=True), lambda _: None)
    crm = Path(made.settings["FIRST90_CRM"].removeprefix("csv:"))
    assert open_effects(database) == {}
    verdict = judge(far_side.delivered, database, crm, ACCOUNTS)
    mail = next(iter(far_side.delivered))
    repeated = judge(far_side.delivered | Counter({mail: 2}), database, crm, ACCOUNTS)
    missed = judge({key: 1 for key in far_side.delivered if key != mail}, database, crm, ACCOUNTS)
    database.close()
    proof(
        f"TOPOLOGY accounts={ACCOUNTS} killed={dict(sorted(killer.killed.items()))} runs={sweeps.runs} "
        f"mails before the end={done_before}/{2 * ACCOUNTS} left={dict(left)} {verdict}"
    )
    assert verdict == Verdict(lost=0, twice=0, shown=0)
    assert (repeated.twice, missed.lost) == (1, 1), "the control: the judge sees both"
    assert done_before > 0, "the kills met nothing at work"
