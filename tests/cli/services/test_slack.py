"""``first90 slack`` and the Slack line of ``first90 check``, as a person uses them."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.cli.conftest import Said
from tests.integrations.slack.far_slack import APP_TOKEN, BOT_TOKEN, MANAGERS, FarSlack, far_slack

ALL = "; /first90, and the App Home where the app is subscribed to app_home_opened"


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSlack]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with far_slack() as there:
        given = {"CHAT": "slack", "SLACK_TOKEN": BOT_TOKEN, "SLACK_CHANNEL": MANAGERS, "SLACK_APP_TOKEN": APP_TOKEN}
        for name, value in {**given, "SLACK_API_URL": there.api_url}.items():
            monkeypatch.setenv(f"FIRST90_{name}", value)
        yield there


@pytest.mark.slow
def test_check_says_who_we_are_in_which_workspace(home: Path, slack: FarSlack, first90: Callable[..., Said]) -> None:
    said = first90("check", "--json")
    (line,) = [line for line in said.json if line["what"] == "Slack"]
    assert line["ok"] is True
    assert line["said"] == f"Vendor as first90, channel {MANAGERS}, buttons by `first90 slack`{ALL}"


@pytest.mark.slow
def test_check_names_a_missing_scope(home: Path, slack: FarSlack, first90: Callable[..., Said]) -> None:
    slack.scopes.discard("im:history")
    said = first90("check", "--json")
    assert said.code == 1
    (line,) = [line for line in said.json if line["what"] == "Slack"]
    assert "im:history (to look for a message after a doubt)" in line["said"]


def test_without_socket_mode_there_is_nothing_to_listen_to(home: Path, first90: Callable[..., Said]) -> None:
    said = first90("slack")
    assert said.code == 2
    assert "FIRST90_SLACK_APP_TOKEN" in said.err


def test_a_token_that_slack_refuses_ends_it_with_the_mend(
    home: Path, slack: FarSlack, first90: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_SLACK_APP_TOKEN", "xapp-old")
    said = first90("slack")
    assert said.code == 1
    assert "connections:write" in said.err
    assert "xapp-old" not in said.err + said.out


@pytest.mark.slow
def test_it_listens_until_it_is_ended_and_ends_in_order(home: Path, slack: FarSlack) -> None:
    joined, ended = threading.Event(), threading.Event()

    def answer(line: ServerConnection) -> None:
        line.send(json.dumps({"type": "hello"}))
        joined.set()
        try:
            for _ in line:
                pass
        except ConnectionClosed:
            pass
        ended.set()

    with serve(answer, "127.0.0.1", 0) as server:
        slack.ws_url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/link?ticket=1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        code = "import sys; from cli.main import main; sys.argv = ['first90', 'slack']; main()"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listener:
            assert joined.wait(30)
            listener.send_signal(signal.SIGTERM)
            out, err = listener.communicate(timeout=30)
        assert listener.returncode == 0, err
        assert ended.wait(10)
        assert b"listening" in out + err
        server.shutdown()
        thread.join()
