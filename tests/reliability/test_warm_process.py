"""A process makes expensive objects once (P8): templates are compiled once, a provider has one client, connections are
reused.

Templates and clients are counted in a process of its own where the libraries make them, connections at the far side. A
fork is enough where only its own clients and connections count, and begins without importing everything anew.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from sandbox.org.loading import load_folder
from tests.integrations.mail.http_providers import TOKEN, Kind, http_provider
from tests.integrations.mail.smtp_server import mail_server
from tests.integrations.slack.far_slack import BOT_TOKEN, MANAGERS, far_slack
from tests.reliability.killing import forked
from tests.reliability.small_portfolio import AS_OF, write_portfolio
from tests.reliability.warm_process import MAILS, MOMENTS, ROUNDS, told_of
from tests.salesforce_fixtures import Sandbox

pytestmark = pytest.mark.slow

Proof = Callable[[str], None]
Work = Callable[..., dict[str, Any]]
SLOTS = 4
SENT = ROUNDS * MAILS


@pytest.fixture
def environment(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Return a function that makes a home; it returns the variables that lead there, with these settings."""
    numbers = count()

    def make(**settings: str) -> dict[str, str]:
        home = tmp_path / f"home{next(numbers)}"
        write_portfolio(home / "crm")
        env = {name: text for name, text in os.environ.items() if not name.startswith("FIRST90_")}
        env = {name: text for name, text in env.items() if not name.lower().endswith("_proxy")}
        return env | {"FIRST90_HOME": str(home), "FIRST90_CRM": f"csv:{home / 'crm'}"} | settings

    return make


@pytest.fixture
def work(environment: Callable[..., dict[str, str]]) -> Work:
    """Run some work in a fork of this process with these settings; return what it made."""

    def run(what: str, **settings: str) -> dict[str, Any]:
        env = environment(**settings)

        def child() -> dict[str, Any]:
            os.environ.clear()
            os.environ.update(env)
            return told_of(what)

        return forked(child)

    return run


@pytest.fixture
def new_process(environment: Callable[..., dict[str, str]]) -> Work:
    """Run some work in a process that has compiled nothing yet; return what it made."""

    def run(what: str) -> dict[str, Any]:
        child = subprocess.run(
            [sys.executable, "-m", "tests.reliability.warm_process", what],
            cwd=Path(__file__).parents[2],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert child.returncode == 0, child.stderr
        return json.loads(child.stdout)  # type: ignore[no-any-return]

    return run


def test_a_template_is_compiled_once_in_a_process(new_process: Work, proof: Proof) -> None:
    """However many run contexts are opened in it. The control, with templates by run context, compiles again."""
    made, control = new_process("workplaces"), new_process("heedless")
    proof(
        f"COMPILED cycles={len(MOMENTS)} texts={made['texts']} compiled={made['compiled']} "
        f"control={control['compiled']} of {control['texts']}"
    )
    assert made["compiled"] == made["texts"] >= 10
    assert control["compiled"] > control["texts"] == made["texts"]


@pytest.mark.parametrize("slots", [1, SLOTS])
def test_a_hundred_mails_share_a_connection_to_a_mail_server(work: Work, proof: Proof, slots: int) -> None:
    with mail_server() as there:
        address = f"smtp://127.0.0.1:{there.port}?starttls=never"
        work("mails", FIRST90_MAIL=address, FIRST90_MAIL_CONNECTIONS=str(slots))
    proof(f"CONNECTIONS smtp slots={slots} mails={len(there.mails)} connections={there.connections}")
    assert len(there.mails) == SENT
    assert there.connections <= slots + SENT // 100, "one for each slot, and one more for each that served a hundred"


@pytest.mark.parametrize("kind", ["postmark", "resend", "sendgrid"])
def test_a_mail_provider_has_one_client_and_a_connection_a_slot(work: Work, proof: Proof, kind: Kind) -> None:
    with http_provider(kind) as there:
        made = work(
            "mails",
            FIRST90_MAIL=kind,
            FIRST90_MAIL_TOKEN=TOKEN,
            FIRST90_MAIL_API_URL=there.url,
            FIRST90_MAIL_CONNECTIONS=str(SLOTS),
            FIRST90_MAIL_RATE="9999",
        )
    proof(f"CONNECTIONS {kind} mails={len(there.mails)} clients={made['clients']} connections={there.connections}")
    assert len(there.mails) == SENT
    assert made["clients"] == {"httpx": 1}
    assert there.connections <= SLOTS


def test_slack_has_one_client(work: Work, proof: Proof) -> None:
    """Its library opens one connection for each call and keeps none."""
    with far_slack() as there:
        made = work(
            "one_workplace",
            FIRST90_CHAT="slack",
            FIRST90_SLACK_TOKEN=BOT_TOKEN,
            FIRST90_SLACK_CHANNEL=MANAGERS,
            FIRST90_SLACK_API_URL=there.api_url,
        )
    proof(f"CONNECTIONS slack calls={len(there.calls)} clients={made['clients']} connections={there.connections}")
    assert there.messages
    assert made["clients"] == {"slack": 1}
    assert there.connections == len(there.calls)


def test_salesforce_has_one_client_and_one_connection_beside_the_login(
    work: Work, proof: Proof, sandbox: Sandbox, running_sandbox: Any, tmp_path: Path
) -> None:
    load_folder(sandbox.org, _portfolio(tmp_path / "export"))
    sandbox.at(AS_OF)
    org, seen = running_sandbox.stage.app, list[Any]()

    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"])
        await org(scope, receive, send)

    running_sandbox.stage.app = noted
    made = work("one_workplace", **sandbox.environment(tmp_path / "salesforce"), FIRST90_CRM_SINCE="2025-09-01")
    proof(f"CONNECTIONS salesforce calls={len(seen)} clients={made['clients']} connections={len(set(seen))}")
    assert len(seen) > 20
    assert made["clients"] == {"requests": 1}
    assert len(set(seen)) <= 2


def test_product_signals_have_one_client(work: Work, proof: Proof) -> None:
    with usage() as (address, asked):
        made = work("one_workplace", FIRST90_SIGNALS=address)
    proof(f"CONNECTIONS signals reads={len(asked)} clients={made['clients']} connections={len(set(asked))}")
    assert len(asked) == len(MOMENTS)
    assert made["clients"] == {"httpx": 1}


@contextmanager
def usage() -> Iterator[tuple[str, list[Any]]]:
    """Serve a source of usage without events, and record the connections of its clients."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.client_address)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/events", asked
        server.shutdown()
        thread.join()


def _portfolio(folder: Path) -> Path:
    write_portfolio(folder)
    return folder
