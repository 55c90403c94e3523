"""``first90 deploy`` on a real Prefect server: it says what it changes, twice changes nothing, operators are told."""

import json
import os
import re
import socket
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
from uuid import UUID, uuid4

import pytest
from jinja2 import Environment
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.schedules import CronSchedule
from prefect.events import Posture
from prefect.events.actions import CallWebhook
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Crashed, Failed, Running

from cli.main import execute
from config.settings.load import load_settings
from config.settings.mail_senders import read_mail
from supervisor.deployments.apply_automations import SWEEP
from supervisor.deployments.automations import DEAD_RUN, as_automation, automations
from supervisor.deployments.telling import BY_MAIL, IN_SLACK, ways
from tasks.monitoring.ops_mail import apprise_url, provider_request
from tests.flows.ops import ROOT, whole_server

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""Apprise, by which Prefect mails, imports it."""
FIRST90 = [sys.executable, "-m", "cli"]


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


@dataclass
class Mailbox:
    """What a mail server took, and where it is."""

    address: str
    mails: list[Any] = field(default_factory=list)

    def told(self, subject: str) -> list[str]:
        return [mail.get_payload(decode=True).decode() for mail in self.mails if mail["Subject"] == subject]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Message

    class Keeps(Message):
        def handle_message(self, message: Any) -> None:
            there.mails.append(message)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    there = Mailbox(f"smtp://127.0.0.1:{port}?starttls=never")
    controller = Controller(Keeps(), hostname="127.0.0.1", port=port)
    controller.start()
    yield there
    controller.stop()


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
    tmp_path: Path, workspace: Workspace, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "team.yaml").write_text("ops_mail: [ops@vendor.example, OPS@vendor.example]\n")
    told = {
        "FIRST90_TEAM": str(tmp_path / "team.yaml"),
        "FIRST90_MAIL": mailbox.address,
        "FIRST90_MAIL_FROM": "onboarding@vendor.example",
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
        assert len(client.read_automations()) == 10

        announced = ops.deploy("--dry-run", **told)
        assert [one["details"] for one in announced if one["what"] == "block"] == [
            ["operators are told in C0000000OPS"],
            ["operators are mailed at OPS@vendor.example"],
        ]
        assert kinds(ops.deploy(**told)) == kinds(announced)
        assert kinds(announced)["created"] == {f"block webhook/{IN_SLACK}", f"block slack-webhook/{BY_MAIL}"}
        assert len(kinds(announced)["changed"]) == 9, "one tells nobody"
        assert kinds(ops.deploy(**told)).keys() == {"as before"}

        _what_ops_changed(client, ops, told)
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        _who_is_told(client, workspace, mailbox)


def _what_ops_changed(client: SyncPrefectClient, ops: Ops, told: dict[str, str]) -> None:
    """A schedule that differs is put right; what ops paused or switched off stays so."""
    deliver = client.read_deployment_by_name("deliver/every-5-minutes")
    schedule = deliver.schedules[0]
    client.update_deployment_schedule(deliver.id, schedule.id, schedule=CronSchedule(cron="0 * * * *", timezone="UTC"))
    client.pause_deployment(deliver.id)
    client.pause_automation(client.read_automations_by_name("first90: a channel is down")[0].id)
    (changed,) = [one for one in ops.deploy(**told) if one["kind"] == "changed"]
    assert changed["details"] == ["schedules: */5 * * * * UTC, was 0 * * * * UTC"]
    assert client.read_deployment(deliver.id).paused
    assert not client.read_automations_by_name("first90: a channel is down")[0].enabled
    assert kinds(ops.deploy(**told)).keys() == {"as before"}


def _who_is_told(client: SyncPrefectClient, workspace: Workspace, mailbox: Mailbox) -> None:
    """A run that fails is told from the server, without a worker or database; so is one that hangs, and that none
    comes. Each is told in Slack and by mail, once while it lasts, and so is its end."""
    sweep = client.read_deployment_by_name(SWEEP)
    _with_shorter_waits(client, sweep.flow_id)

    def ends(state: Any) -> str:
        run = client.create_flow_run_from_deployment(sweep.id)
        client.set_flow_run_state(run.id, state, force=True)
        time.sleep(3)  # runs of a flow end minutes apart; events that come together the server sees in any order
        return str(run.name)

    hanging = ends(Running())
    ends(Completed())
    failing = ends(Failed(message='535 "no" <!channel> & \\'))
    (told_once,) = until(lambda: workspace.told("is Failed"))
    assert f'the run {failing} is Failed: 535 "no" &lt;!channel&gt; &amp; \\.' in told_once
    ends(Crashed(message="gone"))
    assert until(lambda: workspace.told(f"{hanging} has not ended"))
    assert until(lambda: workspace.told("no sweep has ended well for an hour"))
    assert until(lambda: workspace.told("the flow onboard-accounts has not ended well for a day"))
    assert until(lambda: len(workspace.told("no sweep has ended well for a day")) > 1), "while it lasts"
    assert len(workspace.told("no sweep has ended well for an hour")) == 1
    assert workspace.told("is Crashed") == [], "the same fault"
    assert workspace.told("work again") + workspace.told("works again") == []
    well = ends(Completed())
    assert until(lambda: workspace.told(f"the flow onboard-accounts works again: the run {well} ended well"))
    assert until(lambda: workspace.told(f"sweeps work again: {well} ended well"))
    ends(Completed())
    ends(Failed(message="another fault"))
    assert until(lambda: len(workspace.told("is Failed")) == 2), "a new fault is told at once"
    assert len(workspace.told("works again")) == 1
    assert until(lambda: len(mailbox.told("first90: a run failed")) == 2)
    mailed, _ = mailbox.told("first90: a run failed")
    assert f'the run {failing} is Failed: 535 "no" <!channel> & \\.' in mailed
    for subject in ("a run hangs, soon", "no sweep for an hour, soon", "a flow works again", "sweeps work again, soon"):
        assert until(lambda subject=subject: mailbox.told(f"first90: {subject}")), subject
    assert {(mail["From"], mail["To"]) for mail in mailbox.mails} == {
        ("onboarding@vendor.example", "OPS@vendor.example")
    }
    assert workspace.tokens == {"Bearer xoxb-of-the-test"}
    assert {post["channel"] for post in workspace.posts} == {"C0000000OPS"}


def _with_shorter_waits(client: SyncPrefectClient, sweep: UUID) -> None:
    """Add the automations that wait, as deployed but for the wait."""
    found, soon = list(ways(client, load_settings(), dry=True)), "{}, soon".format
    flows = sorted({one.flow_id for one in client.read_deployments()})

    def id_of(name: str) -> UUID:
        return client.read_automations_by_name(soon(name))[0].id

    for told in automations(sweep, flows, id_of):
        if told.name == DEAD_RUN:
            continue
        if told.trigger.posture is Posture.Proactive or "prefect.automation.triggered" in told.trigger.after:
            waits = {"within": timedelta(seconds=10)} if told.trigger.posture is Posture.Proactive else {}
            sooner = replace(told, name=soon(told.name), trigger=told.trigger.model_copy(update=waits))
            actions = [action for way in found if (action := way.action(sooner))]
            client.create_automation(as_automation(sooner, actions))
    assert until(lambda: len(client.read_automations()) == 15)
    time.sleep(1)  # the server reads new automations when it is told of them, which has no answer


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


class NoBlocks:
    """A Prefect server without blocks."""

    def read_block_document_by_name(self, *_: Any, **__: Any) -> Any:
        raise ObjectNotFound(Exception())


PROVIDERS = {
    "postmark": (
        "https://api.postmarkapp.com/email",
        lambda sent: (sent["From"], sent["To"].split(", "), sent["Subject"], sent["TextBody"]),
    ),
    "resend": (
        "https://mail.vendor.example/emails",
        lambda sent: (sent["from"], sent["to"], sent["subject"], sent["text"]),
    ),
    "sendgrid": (
        "https://api.sendgrid.com/v3/mail/send",
        lambda sent: (
            sent["from"]["email"],
            [one["email"] for one in sent["personalizations"][0]["to"]],
            sent["subject"],
            sent["content"][0]["value"],
        ),
    ),
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_given_a_mail_that_is_no_template_but_for_its_text(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, read = PROVIDERS[provider]
    (tmp_path / "team.yaml").write_text("ops_mail: ['{{1+1}}@vendor.example', b@vendor.example]\n")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "team.yaml"))
    monkeypatch.setenv("FIRST90_MAIL", provider)
    monkeypatch.setenv("FIRST90_MAIL_TOKEN", "of-the-test")
    monkeypatch.setenv("FIRST90_MAIL_FROM", "onboarding@vendor.example")
    if provider == "resend":
        monkeypatch.setenv("FIRST90_MAIL_API_URL", "https://mail.vendor.example")
    (way,) = ways(NoBlocks(), load_settings(), dry=True)  # type: ignore[arg-type]
    assert way.change.name == f"webhook/{BY_MAIL}"
    mailed = {told.name: way.action(told) for told in automations(uuid4(), [uuid4()], lambda _: uuid4())}
    assert {name for name, action in mailed.items() if action is None} == {
        "first90: a message waits for a person",
        "first90: a channel is down",
    }, "first90 mails these itself"
    action = mailed["first90: a run failed"]
    assert isinstance(action, CallWebhook)
    state = {"name": "Failed", "message": 'a "quoted" <word>\nand {{ more }}'}
    run = {"name": "brave-owl", "state": state}
    jinja = Environment(autoescape=False)
    jinja.filters["ui_url"] = lambda _: "https://prefect.vendor.example/runs/1"
    made = jinja.from_string(action.payload).render(flow_run=run)
    sender, to, subject, text = read(json.loads(made))
    assert (sender, to, subject) == (
        "onboarding@vendor.example",
        ["b@vendor.example", "{{1+1}}@vendor.example"],
        "first90: a run failed",
    )
    assert 'the run brave-owl is Failed: a "quoted" <word>\nand {{ more }}.' in text
    request = provider_request(load_settings().mail, "", (), "", "")  # type: ignore[arg-type]
    assert request.url == url
    assert any("of-the-test" in value for value in request.headers.values())
    assert "of-the-test" not in repr(request)


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ("smtp://mail.vendor.example", "mailtos://mail.vendor.example:587?.*mode=starttls.*"),
        ("smtps://me:p%40ss%2F@mail.vendor.example", "mailtos://me:p%40ss%2F@mail.vendor.example:465?.*mode=ssl.*"),
    ],
)
def test_a_mail_server_is_reached_as_safely_as_first90_reaches_it(mail: str, expected: str, tmp_path: Path) -> None:
    found = apprise_url(read_mail(mail, tmp_path, {}), "me@vendor.example", ("a@vendor.example",))  # type: ignore[arg-type]
    assert re.fullmatch(expected.replace("?", r"\?"), found)


def test_without_addresses_and_in_a_rehearsal_nobody_else_is_mailed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "team.yaml").write_text("{}\n")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "team.yaml"))
    monkeypatch.setenv("FIRST90_MAIL", "smtp://mail.vendor.example")
    assert list(ways(NoBlocks(), load_settings(), dry=True)) == []  # type: ignore[arg-type]
    (tmp_path / "team.yaml").write_text("ops_mail: [ops@vendor.example]\n")
    monkeypatch.setenv("FIRST90_MAIL_REDIRECT", "me@vendor.example")
    (way,) = ways(NoBlocks(), load_settings(), dry=True)  # type: ignore[arg-type]
    assert way.change.details == ("operators are mailed at me@vendor.example",)
