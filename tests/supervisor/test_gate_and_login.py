"""Access to our own Prefect server and to a configured one, without starting a real one."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from supervisor.gate import guarded
from supervisor.login import LOGIN, agreed, blamed, kept_login, login_to_keep, overruled
from tasks.runtime.refusals import Refused

ROOT = Path(__file__).resolve().parent.parent.parent
PORT = 4200
LOGIN_OF_A_SERVER = "ops:pass-of-the-server"

ASKED = [
    ({"host": "127.0.0.1:4200"}, 200),
    ({"host": "localhost:4200"}, 200),
    ({"host": "LocalHost:4200"}, 200),
    ({"host": "127.0.0.1:4200", "origin": "http://127.0.0.1:4200"}, 200),
    ({"host": "127.0.0.1:4200", "origin": "http://localhost:4200"}, 200),
    ({}, 421),
    ({"host": ""}, 421),
    ({"host": "127.0.0.1"}, 421),
    ({"host": "127.0.0.1:4201"}, 421),
    ({"host": "evil.example:4200"}, 421),
    ({"host": "127.0.0.1:4200.evil.example"}, 421),
    ({"host": "127.0.0.1.nip.io:4200"}, 421),
    ({"host": "localhost.:4200"}, 421),
    ({"host": "evil.example", "x-forwarded-host": "127.0.0.1:4200"}, 421),
    ({"host": "127.0.0.1:4200", "origin": "https://evil.example"}, 403),
    ({"host": "127.0.0.1:4200", "origin": "null"}, 403),
    ({"host": "127.0.0.1:4200", "origin": ""}, 403),
    ({"host": "127.0.0.1:4200", "origin": "http://127.0.0.1:8080"}, 403),
    ({"host": "127.0.0.1:4200", "origin": "https://127.0.0.1:4200"}, 403),
    ({"host": "127.0.0.1:4200", "origin": "http://127.0.0.1:4200.evil.example"}, 403),
]


async def _inside(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def answer(kind: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    """Return the gate's first response."""
    said: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(guarded(_inside, PORT)({"type": kind, "headers": headers}, receive, send))
    return dict(said[0])


@pytest.mark.parametrize(("headers", "status"), ASKED)
def test_only_our_own_names_and_pages_pass_the_gate(headers: dict[str, str], status: int) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert answer("http", raw)["status"] == status
    line = answer("websocket", raw)
    assert (line["type"] == "websocket.close") is (status != 200)


def test_a_second_host_beside_ours_is_refused() -> None:
    assert answer("http", [(b"host", b"127.0.0.1:4200"), (b"host", b"evil.example")])["status"] == 421
    both = [(b"host", b"127.0.0.1:4200"), (b"origin", b"http://127.0.0.1:4200"), (b"Origin", b"https://evil.example")]
    assert answer("http", both)["status"] == 403


def test_a_login_is_made_once_and_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_SERVER_API_AUTH_STRING", raising=False)
    assert kept_login(tmp_path) is None
    login, is_new = login_to_keep(tmp_path)
    assert is_new
    assert len(login) > 40
    assert login_to_keep(tmp_path) == (login, False)
    (tmp_path / LOGIN).chmod(0o644)
    assert kept_login(tmp_path) == login
    assert stat.S_IMODE((tmp_path / LOGIN).stat().st_mode) == 0o600

    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "admin:pass")
    assert login_to_keep(tmp_path) == ("admin:pass", False), "ours to choose, and not shown again"
    monkeypatch.delenv("PREFECT_SERVER_API_AUTH_STRING")
    assert login_to_keep(tmp_path) == ("admin:pass", False)


@pytest.mark.parametrize("text", ["", "admin", "admin:", ":pass", "admin:pa ss", "admin:pä", "a:b\nc"])
def test_a_login_that_is_none_is_refused_with_its_place_and_not_repeated(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / LOGIN).write_text(text)
    with pytest.raises(Refused, match=f"{tmp_path / LOGIN} is no login .* delete it") as refused:
        kept_login(tmp_path)
    assert text.strip() in ("", "admin", "admin:", ":pass") or text.strip() not in str(refused.value)
    if text:
        (tmp_path / LOGIN).unlink()
        monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", text)
        with pytest.raises(Refused, match="PREFECT_SERVER_API_AUTH_STRING is no login"):
            login_to_keep(tmp_path)


SHOW = """
import json
from prefect.settings import get_current_settings
print(json.dumps(get_current_settings().to_environment_variables(include_secrets=True)))
"""
HOSTILE = {
    "PREFECT_API_URL": "http://evil.example/api",
    "PREFECT_API_AUTH_STRING": "other:login",
    "PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "true",
    "PREFECT_API_SSL_CERT_FILE": "/nowhere.pem",
    "PREFECT_CLIENT_CUSTOM_HEADERS": '{"Authorization": "Basic b3RoZXI="}',
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "PREFECT_UI_URL": "http://evil.example",
    "PREFECT_SERVER_API_AUTH_STRING": "other:login",
    "PREFECT_SERVER_API_HOST": "0.0.0.0",
    "PREFECT_SERVER_API_PORT": "1",
    "PREFECT_SERVER_API_BASE_PATH": "/v2/api",
    "PREFECT_API_DEFAULT_LIMIT": "1",
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "*",
    "PREFECT_SERVER_CORS_ALLOWED_METHODS": "GET",
    "PREFECT_SERVER_CORS_ALLOWED_HEADERS": "x",
    "PREFECT_API_DATABASE_MIGRATE_ON_START": "false",
    "PREFECT_UI_API_URL": "http://evil.example/api",
    "PREFECT_UI_SERVE_BASE": "/x",
}
"""Settings under the other names that Prefect accepts."""


@pytest.mark.slow
@pytest.mark.parametrize("source", ["environment", "env file", "profile"])
def test_server_and_clients_agree_whatever_prefects_other_sources_say(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    lines = [f"{name} = {value!r}\n" for name, value in HOSTILE.items()]
    if source == "env file":
        (tmp_path / ".env").write_text("".join(lines))
    if source == "profile":
        (tmp_path / "profiles.toml").write_text('active = "p"\n[profiles.p]\n' + "".join(lines))
    ours = agreed(PORT, "first90:secret")
    env = {**os.environ, **(HOSTILE if source == "environment" else {}), "PREFECT_HOME": str(tmp_path), **ours}
    said = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=True
    )
    found = json.loads(said.stdout)
    pinned = {name: value for name, value in ours.items() if name.startswith("PREFECT_")}
    assert len(pinned) == len(HOSTILE)
    if source != "environment":
        del pinned["PREFECT_CLIENT_CUSTOM_HEADERS"]  # the one setting for which Prefect merges all sources
    assert {name: found[name].casefold() for name in pinned} == {name: text.casefold() for name, text in pinned.items()}


def test_what_does_not_count_and_what_may_be_wrong_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    ours = agreed(PORT, "first90:secret")
    assert overruled(ours) == []
    assert blamed(ours) == ""
    monkeypatch.setenv("PREFECT_SERVER_API_HOST", "0.0.0.0")
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "postgresql+asyncpg://u:pw@nowhere/x")
    assert overruled(ours) == ["PREFECT_SERVER_API_HOST"]
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" in blamed(ours)
    assert "PREFECT_SERVER_API_HOST" not in blamed(ours)
    assert "pw" not in blamed(ours)


def test_the_login_never_goes_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "intranet.example")
    ours = agreed(PORT, "first90:secret")
    assert ours["NO_PROXY"] == ours["no_proxy"] == "intranet.example,127.0.0.1,localhost"


@contextmanager
def prefect_with(login: str | None) -> Iterator[str]:
    """Serve the part of Prefect's API that is used before anything starts; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = login and f"Basic {b64encode(login.encode()).decode()}"
            open_to_all = self.path == "/api/health" or not wanted
            self.send_response(200 if open_to_all or self.headers.get("Authorization") == wanted else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as there:
        thread = Thread(target=there.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{there.server_address[1]}/api"
        there.shutdown()
        thread.join()


@pytest.fixture
def first90(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FIRST90_"))}
    kept |= {"HOME": str(tmp_path), "FIRST90_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli", *words]
        return subprocess.run(command, env=kept | settings, capture_output=True, text=True, timeout=60, check=False)

    return run


def line_of_prefect(said: subprocess.CompletedProcess[str]) -> tuple[bool, str]:
    (found,) = [one for one in json.loads(said.stdout) if one["what"] == "Prefect"]
    return found["ok"], found["said"]


@pytest.mark.slow
def test_check_names_a_server_that_lets_everybody_in(first90: Callable[..., Any]) -> None:
    with prefect_with(None) as api:
        ok, said = line_of_prefect(first90("check", "--json", PREFECT_API_URL=api))
        assert not ok
        assert "lets everybody in without a login" in said
        assert "PREFECT_SERVER_API_AUTH_STRING=user:password" in said
    with prefect_with(LOGIN_OF_A_SERVER) as api:
        settings = {"PREFECT_API_URL": api, "PREFECT_API_AUTH_STRING": LOGIN_OF_A_SERVER}
        ok, said = line_of_prefect(first90("check", "--json", **settings))
        assert (ok, said.endswith("takes our login and no other")) == (True, True)
    ok, said = line_of_prefect(first90("check", "--json", PREFECT_API_URL=api))
    assert (ok, "does not answer" in said) == (False, True)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"PREFECT_API_AUTH_STRING": "ops:old-word"}])
@pytest.mark.parametrize("words", [("run",), ("up",), ("check", "--json")])
def test_a_server_that_refuses_our_login_is_told_before_anything_starts(
    words: tuple[str, ...], settings: dict[str, str], first90: Callable[..., Any]
) -> None:
    with prefect_with(LOGIN_OF_A_SERVER) as api:
        said = first90(*words, PREFECT_API_URL=api, **settings)
    assert said.returncode == (1 if "check" in words else 2)
    told = said.stderr + said.stdout
    assert "set PREFECT_API_AUTH_STRING to the user:password that the server has" in told
    assert ("refuses the login in PREFECT_API_AUTH_STRING" in told) is bool(settings)
    assert "old-word" not in told
    assert "onboard-accounts" not in told
