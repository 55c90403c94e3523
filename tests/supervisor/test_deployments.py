"""``first90 deploy`` on a real Prefect server: it says what it changes, twice changes nothing, operators are told."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.schedules import CronSchedule
from prefect.events import Posture
from prefect.states import Crashed, Failed, Running

from cli.main import execute
from supervisor.deployments.automations import as_automation, automations
from supervisor.deployments.deploy import WEBHOOK
from tests.flows.ops import ROOT, whole_server

FIRST90 = [sys.executable, "-m", "cli"]
SWEEP = "onboard-accounts/every-10-minutes"


@dataclass
class Workspace:
    """What a Slack workspace was sent."""

    address: str
    posts: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def told(self, containing: str) -> list[str]:
        return [post["text"] for post in self.posts if containing in post["text"]]


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/api/chat.postMessage"
            there.tokens.add(self.headers["Authorization"])
            there.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"ok": true}')

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        there = Workspace(f"http://127.0.0.1:{server.server_port}/api")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield there
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Ops:
    """An operator's shell, with the settings of a deployment."""

    settings: dict[str, str]

    def deploy(self, *words: str, **more: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [*FIRST90, "deploy", "--json", *words],
            cwd=ROOT,
            env={**os.environ, **self.settings, **more},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found


def kinds(changes: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Return the things by what happened to them."""
    found: dict[str, set[str]] = {}
    for one in changes:
        found.setdefault(one["kind"], set()).add(f"{one['what']} {one['name']}")
    return found


def until(holds: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


@pytest.mark.prefect
def test_a_server_is_brought_to_what_first90_needs_and_its_operators_are_told(
    tmp_path: Path, workspace: Workspace
) -> None:
    slack = {
        "FIRST90_CHAT": "slack",
        "FIRST90_SLACK_TOKEN": "xoxb-of-the-test",
        "FIRST90_SLACK_CHANNEL": "C0000000OPS",
        "FIRST90_SLACK_API_URL": workspace.address,
    }
    (tmp_path / "server").mkdir()
    with whole_server(tmp_path / "server") as api, SyncPrefectClient(api) as client:
        home = {"PREFECT_HOME": str(tmp_path / "client"), "FIRST90_HOME": str(tmp_path / "home")}
        ops = Ops({"PREFECT_API_URL": api} | home)

        planned = kinds(ops.deploy("--dry-run"))
        assert (client.read_work_pools(), client.read_deployments(), client.read_automations()) == ([], [], [])
        assert kinds(ops.deploy()) == planned
        assert planned.keys() == {"created"}
        assert len(client.read_deployments()) == 8
        assert len(client.read_automations()) == 5

        with_slack = kinds(ops.deploy("--dry-run", **slack))
        assert kinds(ops.deploy(**slack)) == with_slack
        assert with_slack["created"] == {f"block webhook/{WEBHOOK}"}
        assert len(with_slack["changed"]) == 5
        assert kinds(ops.deploy(**slack)).keys() == {"as before"}

        _what_ops_changed(client, ops, slack)
        _who_is_told(client, workspace)


def _what_ops_changed(client: SyncPrefectClient, ops: Ops, slack: dict[str, str]) -> None:
    """A schedule that differs is put right; what ops paused or switched off stays so."""
    deliver = client.read_deployment_by_name("deliver/every-5-minutes")
    schedule = deliver.schedules[0]
    client.update_deployment_schedule(deliver.id, schedule.id, schedule=CronSchedule(cron="0 * * * *", timezone="UTC"))
    client.pause_deployment(deliver.id)
    client.pause_automation(client.read_automations_by_name("first90: a channel is down")[0].id)
    (changed,) = [one for one in ops.deploy(**slack) if one["kind"] == "changed"]
    assert changed["details"] == ["schedules: */5 * * * * UTC, was 0 * * * * UTC"]
    assert client.read_deployment(deliver.id).paused
    assert not client.read_automations_by_name("first90: a channel is down")[0].enabled
    assert kinds(ops.deploy(**slack)).keys() == {"as before"}


def _who_is_told(client: SyncPrefectClient, workspace: Workspace) -> None:
    """A run that fails is told from the server, without a worker; so is one that hangs, and that none comes."""
    sweep = client.read_deployment_by_name(SWEEP)
    webhook = client.read_block_document_by_name(WEBHOOK, "webhook").id
    for told in automations(sweep.id):  # the same as deployed, but for the wait
        if told.trigger.posture is Posture.Proactive:
            trigger = told.trigger.model_copy(update={"within": timedelta(seconds=10)})
            soon = replace(told, name=f"{told.name}, soon", trigger=trigger)
            client.create_automation(as_automation(soon, webhook, "C0000000OPS"))
    assert until(lambda: len(client.read_automations()) == 7)
    time.sleep(1)  # the server reads new automations when it is told of them, which has no answer
    hanging = client.create_flow_run_from_deployment(sweep.id)
    client.set_flow_run_state(hanging.id, Running(), force=True)
    failing = client.create_flow_run_from_deployment(sweep.id)
    client.set_flow_run_state(failing.id, Failed(message='535 "no" <!channel> & \\'), force=True)
    (told_once,) = until(lambda: workspace.told("is Failed"))
    assert f'the run {failing.name} is Failed: 535 "no" &lt;!channel&gt; &amp; \\.' in told_once
    again = client.create_flow_run_from_deployment(sweep.id)
    client.set_flow_run_state(again.id, Crashed(message="gone"), force=True)
    assert until(lambda: workspace.told(f"{hanging.name} has not ended"))
    assert until(lambda: workspace.told("no sweep has ended well"))
    assert workspace.told("is Crashed") == [], "one flow tells once an hour"
    assert workspace.tokens == {"Bearer xoxb-of-the-test"}
    assert {post["channel"] for post in workspace.posts} == {"C0000000OPS"}


@pytest.mark.parametrize(
    ("api", "said"),
    [(None, "no Prefect server is configured; set PREFECT_API_URL"), ("http://127.0.0.1:9/api", "does not answer")],
)
def test_without_a_server_it_says_what_to_set(
    api: str | None, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("supervisor.api.chosen", lambda name: api)
    assert execute(["deploy"]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
