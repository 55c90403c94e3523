"""``first90 up`` as a person starts it: real processes, a real Prefect server with its pages, and what is left after
Ctrl-C, SIGTERM, a killed worker and a power cut."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.states import Failed, Scheduled
from websockets import Subprotocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as ws_connect
from websockets.sync.server import ServerConnection, serve

from config.settings.load import load_settings
from database.engine import connect
from database.onboardings import overview
from tasks.runtime.context import open_run_context
from tests.integrations.mail.smtp_server import MailServer, mail_server
from tests.integrations.slack.far_slack import APP_TOKEN, BOT_TOKEN, MANAGERS, FarSlack, far_slack
from tests.reliability.house import plan
from tests.reliability.small_portfolio import AS_OF, write_portfolio

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.xdist_group("prefect")]

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "UP_OF_THIS_TEST"
SWEEPS = {"onboard-accounts", "send-check-ins", "sync-crm", "escalate-stalled", "deliver", "report-metrics"}


@dataclass
class Up:
    """One running ``first90 up``, its processes and its output."""

    process: subprocess.Popen[bytes]
    folder: Path
    home: Path
    pages: str

    @property
    def login(self) -> str:
        return (self.home / "prefect" / "login").read_text().strip()

    @property
    def said(self) -> str:
        return (self.folder / "out").read_text() + (self.folder / "err").read_text()

    def log(self, name: str) -> str:
        return (self.home / "logs" / f"{name}.log").read_text()

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)

    def processes(self) -> dict[int, str]:
        """Return all processes that it started, by a variable of this test; with their command lines."""
        return processes_with(str(self.folder))


def processes_with(token: str) -> dict[int, str]:
    found = {}
    for context in Path("/proc").glob("[0-9]*"):
        try:
            if f"{TOKEN}={token}".encode() in (context / "environ").read_bytes().split(b"\0"):
                found[int(context.name)] = (context / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def reached(what: Callable[[], Any], within: float = 120) -> bool:
    until = time.monotonic() + within
    while not (there := what()) and time.monotonic() < until:
        time.sleep(0.05)
    return bool(there)


@contextmanager
def up(folder: Path, **settings: str) -> Iterator[Up]:
    """Start it in a folder of its own with a relative home, and as a script does with ``&``: Ctrl-C is ignored."""
    folder.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FIRST90_"))}
    env = kept | {"PYTHONPATH": str(ROOT), "HOME": str(folder), "FIRST90_HOME": "home", TOKEN: str(folder), **settings}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up", "--port", "0"],
            cwd=folder,
            env=env,
            stdout=out,
            stderr=err,
            umask=0o022,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )
    try:
        said = folder / "out"
        assert reached(lambda: "Stop it with" in said.read_text() or process.poll() is not None, within=150)
        shown = re.search(r"pages: (http://127\.0\.0\.1:\d+)", said.read_text())
        assert shown, (folder / "err").read_text()
        yield Up(process, folder, folder / "home", shown[1])
    finally:
        for left in processes_with(str(folder)):
            os.kill(left, signal.SIGKILL)
        process.wait()


@contextmanager
def prefect_of(found: Up) -> Iterator[SyncPrefectClient]:
    with SyncPrefectClient(f"{found.pages}/api", auth_string=found.login) as client:
        yield client


def status_of(asked: str, **headers: str) -> int:
    """Return the status of a request; underscores in header names become hyphens. Only ``Host`` may be foreign."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(asked, headers=given), timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def as_a_foreign_page_does(api: str, deployment: UUID, **headers: str) -> int:
    """Request a run as a web page can without a preflight: a form's body, and the headers that a browser adds."""
    body = json.dumps({"state": {"type": "SCHEDULED"}, "parameters": {}}).encode()
    given = {"Content-Type": "text/plain"} | {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(f"{api}/deployments/{deployment}/create_flow_run", data=body, headers=given)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def login_header(login: str) -> str:
    return f"Basic {b64encode(login.encode()).decode()}"


def events_by_websocket(here: Up, token: str, **headers: str) -> str:
    """Try to send events over a WebSocket; return ``auth_success``, or why it was refused."""
    address = f"ws://{here.pages.removeprefix('http://')}/api/events/in"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with ws_connect(address, subprotocols=[Subprotocol("prefect")], additional_headers=given) as line:
            line.send(json.dumps({"type": "auth", "token": token}))
            return str(json.loads(line.recv(timeout=10))["type"])
    except InvalidStatus as refused:
        return f"HTTP {refused.response.status_code}"
    except ConnectionClosed as closed:
        return f"closed {closed.rcvd.code if closed.rcvd else None}"


def open_to_others(folder: Path) -> list[str]:
    places = [folder, *folder.rglob("*")]
    return [str(context) for context in places if context.lstat().st_mode & 0o077]


def run_beside(here: Up) -> subprocess.CompletedProcess[bytes]:
    """Run another command on the same home, which finds the server of ``up`` and its login."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FIRST90_"))}
    env = kept | {"HOME": str(here.folder), "FIRST90_HOME": str(here.home), "PREFECT_SERVER_API_AUTH_STRING": "a:b"}
    return subprocess.run([sys.executable, "-m", "cli", "run"], cwd=ROOT, env=env, capture_output=True, timeout=120)


def check_access(here: Up, client: SyncPrefectClient) -> None:
    """Check that the pages are served, their API needs the login, and foreign pages get nothing."""
    api, port = f"{here.pages}/api", here.pages.rpartition(":")[2]
    ours = {"Authorization": login_header(here.login)}
    swept = client.read_deployment_by_name("onboard-account/by-hand").id
    # Only this deployment's runs are counted: the scheduler adds runs of the others at any moment.
    its_own = DeploymentFilter(id=DeploymentFilterId(any_=[swept]))
    before = len(client.read_flow_runs(deployment_filter=its_own))
    for foreign in (
        {},
        {"Content_Type": "application/json"},
        {"Origin": "https://evil.example"},
        {"Authorization": login_header("first90:guess")},
    ):
        assert as_a_foreign_page_does(api, swept, **foreign) in (401, 403), foreign
    # Even with the login in the browser another site and a rebound name are refused.
    for origin in ("https://evil.example", "null", f"http://127.0.0.1.evil.example:{port}", "http://127.0.0.1:1"):
        assert as_a_foreign_page_does(api, swept, Origin=origin, **ours) == 403, origin
        assert events_by_websocket(here, here.login, Origin=origin) == "HTTP 403", origin
    for host in (f"evil.example:{port}", "127.0.0.1:1", f"127.0.0.1.evil.example:{port}"):
        assert as_a_foreign_page_does(api, swept, Host=host, **ours) == 421, host
        assert status_of(here.pages, Host=host) == 421, host
    assert events_by_websocket(here, "first90:guess") == "closed 1008"
    assert events_by_websocket(here, here.login) == "auth_success"
    assert len(client.read_flow_runs(deployment_filter=its_own)) == before
    for page in (here.pages, here.pages.replace("127.0.0.1", "localhost")):
        assert status_of(f"{page}/api/flow_runs/count", Origin=page) == 401
        assert status_of(f"{page}/api/admin/version", Origin=page, **ours) == 200


def runs(client: SyncPrefectClient, flow: str) -> Counter[str]:
    """Return the states of its runs, by hand and by the timetable."""
    flows = {one.id: one.name for one in client.read_flows()}
    return Counter(
        run.state.type for run in client.read_flow_runs(limit=200) if flows[run.flow_id] == flow and run.state
    )


@contextmanager
def socket_mode() -> Iterator[tuple[dict[str, str], threading.Event, threading.Event, FarSlack]]:
    """Serve a Slack with Socket Mode; yield the settings that lead there, and when clients connected and left."""
    joined, left = threading.Event(), threading.Event()

    def answer(line: ServerConnection) -> None:
        line.send(json.dumps({"type": "hello"}))
        joined.set()
        try:
            for _ in line:
                pass
        except ConnectionClosed:
            pass
        left.set()

    with far_slack() as slack, serve(answer, "127.0.0.1", 0) as server:
        slack.ws_url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/link?ticket=1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        given = {"CHAT": "slack", "SLACK_TOKEN": BOT_TOKEN, "SLACK_CHANNEL": MANAGERS, "SLACK_APP_TOKEN": APP_TOKEN}
        yield (
            {f"FIRST90_{name}": value for name, value in (given | {"SLACK_API_URL": slack.api_url}).items()},
            joined,
            left,
            slack,
        )
        server.shutdown()
        thread.join()


def test_on_a_fresh_machine_everything_runs_until_a_child_is_killed(tmp_path: Path) -> None:
    with socket_mode() as (slack, joined, left, workspace), up(tmp_path, **slack) as here, prefect_of(here) as client:
        assert "7 deployments run by themselves" in here.said
        assert max(map(len, here.said.splitlines())) <= 80 + len(str(here.home))
        for path in ("/", "/ui-settings"):
            with urllib.request.urlopen(here.pages + path, timeout=10) as page:
                text = page.read().decode()
        assert json.loads(text)["api_url"] == f"{here.pages}/api", "the pages would ask another port"

        assert f"\n  {here.login}\n" in here.said, "shown once"
        check_access(here, client)
        assert reached(lambda: all(runs(client, flow) for flow in SWEEPS)), "each schedule makes runs ahead"
        assert joined.wait(30), here.log("slack")

        swept = client.read_deployment_by_name("onboard-accounts/every-10-minutes")
        client.create_flow_run_from_deployment(swept.id)  # cancelled only if the run of the timetable comes first
        assert reached(lambda: runs(client, "onboard-accounts")["COMPLETED"]), here.log("worker")
        with closing(sqlite3.connect(here.home / "first90.db")) as memory:
            assert memory.execute("SELECT count(*) FROM onboarding").fetchone() > (0,)

        later = Scheduled(scheduled_time=datetime.now(UTC) + timedelta(days=1))
        failing = client.create_flow_run_from_deployment(swept.id, state=later)
        client.set_flow_run_state(failing.id, Failed(message="a fault"), force=True)
        told = f"the run {failing.name} is Failed: a fault"
        assert reached(lambda: any(told in given.get("text", "") for _, given in workspace.calls)), "ops are told"

        assert run_beside(here).returncode == 0
        lines = here.processes()
        (worker,) = [process for process, line in lines.items() if "worker start" in line]
        os.kill(worker, signal.SIGKILL)
        assert here.process.wait(60) == 1
        assert "first90: worker ended by itself (signal SIGKILL), so everything was stopped" in here.said
        assert here.processes() == {}
        assert left.wait(10)
        logs = "".join(path.read_text() for path in (here.home / "logs").iterdir())
        kept = "".join(path.read_bytes().decode("latin-1") for path in (here.home / "prefect").glob("prefect.db*"))
        assert here.said.count(here.login) == 1
        said = logs + kept + here.said.replace(here.login, "") + "".join(lines.values())
        password = here.login.partition(":")[2]
        assert not [secret for secret in (BOT_TOKEN, APP_TOKEN, password) if secret in said]
        assert open_to_others(here.home) == []


@pytest.fixture
def hanging_mail() -> Iterator[MailServer]:
    """Return a mail server that hangs at the third mail."""
    with mail_server() as there:
        there.trouble, there.calm = "body hang", 2
        yield there


@pytest.fixture
def owing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Make a database with these settings in which mails are due."""
    write_portfolio(tmp_path / "crm")
    monkeypatch.chdir(tmp_path)

    def decide(settings: dict[str, str]) -> None:
        for name, value in {**settings, "FIRST90_HOME": "home"}.items():
            monkeypatch.setenv(name, value)
        with open_run_context(load_settings()) as context:
            plan(context, AS_OF)

    return decide


def mail_states(file: Path) -> Counter[str]:
    with closing(connect(f"sqlite:///{file}")) as opened, opened.reading() as conn:
        return Counter(line["state"] for line in overview.effect_lines(conn) if line["channel"] == "mail")


def hang_in_a_run(here: Up, client: SyncPrefectClient, mail: MailServer, file: Path) -> UUID:
    """Start ``deliver`` by hand; return its run, which leases mails and hangs in one."""
    mail.calm, before = 2, mail.hanging
    found = client.read_deployment_by_name("deliver/every-5-minutes")
    options = {"as_of": AS_OF.isoformat(), "channels": ["mail"]}
    run = client.create_flow_run_from_deployment(found.id, parameters={"options": options})
    assert reached(lambda: mail.hanging > before), here.log("worker")
    assert mail_states(file)["leased"] > 0
    return run.id


def pause_two(client: SyncPrefectClient) -> None:
    """Pause a whole deployment, and one schedule of another, as ops do in Prefect's pages."""
    client.pause_deployment(client.read_deployment_by_name("sync-crm/every-15-minutes").id)
    hourly = client.read_deployment_by_name("send-check-ins/hourly")
    (schedule,) = hourly.schedules
    client.update_deployment_schedule(hourly.id, schedule.id, active=False)


@pytest.mark.long
def test_after_a_power_cut_it_goes_on_and_an_orderly_end_gives_back_what_runs_hold(
    tmp_path: Path, hanging_mail: MailServer, owing: Callable[[dict[str, str]], None], proof: Callable[[str], None]
) -> None:
    settings = {
        "FIRST90_CRM": "csv:crm",
        "FIRST90_DATABASE_URL": "sqlite:///one.db",
        "FIRST90_MAIL": f"smtp://127.0.0.1:{hanging_mail.port}?starttls=never",
        "FIRST90_MAIL_CONNECTIONS": "1",
        "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",  # runs of the timetable would send mails too
        "PREFECT_WORKER_QUERY_SECONDS": "1",  # instead of 10: no run waits for the worker's next look
    }
    owing(settings)
    with up(tmp_path, **settings) as here, prefect_of(here) as client:
        cut_off = hang_in_a_run(here, client, hanging_mail, tmp_path / "one.db")
        pause_two(client)
        for process in here.processes():
            os.kill(process, signal.SIGKILL)
        here.process.wait()
    assert mail_states(tmp_path / "one.db")["leased"] > 0

    settings |= {"FIRST90_DATABASE_URL": "sqlite:///two.db"}  # in which no expired leases have to be waited for
    owing(settings)
    with up(tmp_path, **settings) as here, prefect_of(here) as client:
        assert here.login not in here.said, "it was shown at the first start"
        assert here.said.count("; paused") == 2, "what ops paused stays paused"
        assert client.read_flow_run(cut_off).state.type == "CRASHED"
        run = hang_in_a_run(here, client, hanging_mail, tmp_path / "two.db")
        held, began = mail_states(tmp_path / "two.db")["leased"], time.monotonic()
        assert here.end(signal.SIGTERM) == 0
        proof(f"UP sigterm with a hanging run: ended_s={time.monotonic() - began:.1f} leased={held} given_back={held}")
        assert here.processes() == {}
        assert "first90: stopped" in here.said
    assert not mail_states(tmp_path / "two.db")["leased"]
    with closing(sqlite3.connect(tmp_path / "home" / "prefect" / "prefect.db")) as records:
        (state,) = records.execute("SELECT state_type FROM flow_run WHERE id = ?", (str(run),)).fetchone()
    assert state == "CRASHED"
