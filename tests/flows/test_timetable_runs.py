"""The timetable applied to a real Prefect server, and a worker that runs from it by name."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient

ROOT = Path(__file__).resolve().parent.parent.parent
PREFECT = [sys.executable, "-m", "prefect", "--no-prompt"]

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.xdist_group("prefect")]


def prefect(*words: str, cwd: Path = ROOT, **settings: str) -> str:
    """The Prefect command line as ops use it."""
    done = subprocess.run(
        [*PREFECT, *words],
        cwd=cwd,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A whole Prefect server as ops start it, its scheduler among the rest; its API's address."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
            env={**os.environ, "PREFECT_HOME": str(folder), "PREFECT_SERVER_API_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
        try:
            for _ in range(1200):
                assert process.poll() is None, (folder / "log").read_text()
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):
                    break
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def deployed(server: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """All deployments applied, with a relative home, from a folder that is not the project's."""
    folder = tmp_path_factory.mktemp("ops")
    (folder / "prefect.yaml").write_text((ROOT / "prefect.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    settings = {
        "PREFECT_API_URL": server,
        "PREFECT_HOME": str(folder / "prefect"),
        "FIRST90_HOME": "home",
        "PREFECT_LOGGING_LEVEL": "INFO",
    }
    prefect("work-pool", "create", "first90", "--type", "process", cwd=folder, **settings)
    prefect("deploy", "--all", cwd=folder, **settings)
    return folder, settings


@pytest.fixture
def client(server: str) -> Iterator[Any]:
    with SyncPrefectClient(server) as found:
        yield found


def state_of(client: Any, flow_run_id: Any) -> Any:
    return client.read_flow_run(flow_run_id).state


def test_each_schedule_makes_runs_ahead(deployed: tuple[Path, dict[str, str]], client: Any) -> None:
    """With the wrong versions beside it Prefect deploys without a word and never schedules anything."""
    wanted = {"onboard-accounts", "send-check-ins", "sync-crm", "escalate-stalled", "deliver"}
    scheduled: set[str] = set()
    for _ in range(150):
        runs = client.read_flow_runs(limit=200)
        flows = {flow.id: flow.name for flow in client.read_flows()}
        scheduled = {flows[run.flow_id] for run in runs if run.state is not None and run.state.is_scheduled()}
        if scheduled >= wanted:
            break
        time.sleep(0.2)
    assert scheduled == wanted


def test_a_worker_runs_a_sweep_by_name_on_the_home_that_was_deployed(
    deployed: tuple[Path, dict[str, str]], client: Any, tmp_path: Path
) -> None:
    from config.sample import make_sample
    from database.engine import connect
    from database.upgrades import upgrade

    folder, settings = deployed
    prefect("deployment", "schedule", "pause", "--all", cwd=folder, **settings)  # a tick must not come in between
    found = client.read_deployment_by_name("onboard-accounts/every-10-minutes")
    assert found.job_variables["env"]["FIRST90_HOME"] == str(folder / "home")
    refused = client.create_flow_run_from_deployment(found.id)
    elsewhere = {**settings, "FIRST90_HOME": str(tmp_path / "not-this-one")}
    prefect("worker", "start", "--pool", "first90", "--run-once", "--limit", "1", cwd=tmp_path, **elsewhere)
    state = state_of(client, refused.id)
    assert state.is_failed(), state
    assert "there is no database at" in state.message
    assert not (folder / "home").exists()

    make_sample(folder / "home" / "crm", datetime.fromisoformat("2026-03-04T12:00Z"))
    database = connect(f"sqlite:///{folder / 'home' / 'first90.db'}")
    upgrade(database)
    database.close()
    options = {"as_of": "2026-03-03T09:30Z"}
    accepted = client.create_flow_run_from_deployment(found.id, parameters={"options": options})
    prefect("worker", "start", "--pool", "first90", "--run-once", "--limit", "1", cwd=tmp_path, **elsewhere)
    run = client.read_flow_run(accepted.id)
    assert run.state.is_completed(), run.state
    assert run.state.name == "Completed, 1 set aside"
    assert run.name == "onboard-accounts 2026-03-03 09:30Z"
    assert any((folder / "home" / "mail").rglob("*"))
    assert not (tmp_path / "not-this-one").exists()


def test_prefect_refuses_a_form_that_lacks_a_reason(deployed: tuple[Path, dict[str, str]], client: Any) -> None:
    found = client.read_deployment_by_name("onboard-account/by-hand")
    with pytest.raises(Exception, match="reason"):
        client.create_flow_run_from_deployment(found.id, parameters={"options": {"accounts": ["Acme"], "actor": "jo"}})
