"""The Prefect of the Compose file as processes: two servers and the services on one PostgreSQL and one Redis."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.distribution.test_containers import SERVICES, environment

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
"""Debian's: Prefect needs its extension ``pg_trgm``, which the one of the other tests lacks."""
WITHIN = 240
"""Seconds, on a machine that does other things."""
pytestmark = [
    pytest.mark.prefect,
    pytest.mark.slow,
    pytest.mark.skipif(not POSTGRES, reason="Debian's postgresql is not installed"),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed"),
]


def test_either_server_serves_what_the_services_plan_and_one_is_enough(tmp_path: Path) -> None:
    pytest.importorskip("prefect_redis", reason="prefect-redis is not installed: make test sets it up")
    with ExitStack() as stack:
        redis = stack.enter_context(_redis(tmp_path))
        settings = _settings(stack.enter_context(_postgres()), redis, tmp_path)
        done = subprocess.run(_command("migrate-prefect"), env=settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        servers = []
        for name in ("prefect-1", "prefect-2"):  # one after the other, as the file says
            port = _free_port()
            process = stack.enter_context(_running(_command(name, port), settings, tmp_path / name))
            api = f"http://127.0.0.1:{port}/api"
            _wait(lambda api=api: _answers(api), process)
            servers.append((process, api))
        (first, _), (second, other) = servers
        services = stack.enter_context(_running(_command("prefect-services"), settings, tmp_path / "services"))

        client = settings | {"PREFECT_API_URL": servers[0][1]}
        deployed = subprocess.run(_command("deploy"), env=client, capture_output=True, text=True, check=False)
        assert deployed.returncode == 0, deployed.stderr
        first.kill()
        _wait(lambda: _scheduled(other, settings) >= 7, services, second)


def _settings(postgres: int, redis: int, folder: Path) -> dict[str, str]:
    """The Compose file's variables, with the places of this machine."""
    own = f"postgresql+asyncpg://first90@127.0.0.1:{postgres}/prefect"
    given = environment("prefect-1") | environment("deploy")
    given |= {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": own,
        "PREFECT_REDIS_MESSAGING_HOST": "127.0.0.1",
        "PREFECT_REDIS_MESSAGING_PORT": str(redis),
        "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{redis}/1",
        "PREFECT_HOME": str(folder / "prefect"),
        "FIRST90_HOME": str(folder / "home"),
        "FIRST90_DATABASE_URL": f"sqlite:///{folder / 'first90.db'}",
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    return {name: value for name, value in given.items() if name != "PREFECT_API_URL"}


def _command(service: str, port: int | None = None) -> list[str]:
    program, *words = SERVICES[service]["command"]
    words = [str(port) if word == "4200" else "127.0.0.1" if word == "0.0.0.0" else word for word in words]
    return [sys.executable, "-m", "cli" if program == "first90" else program, *words]


@contextmanager
def _postgres() -> Iterator[int]:
    """A server of Debian's with an empty database for Prefect; not as root, which it refuses."""
    user = "postgres" if os.geteuid() == 0 else None
    port, folder = _free_port(), Path(tempfile.mkdtemp(prefix="first90-servers-"))
    if user:
        shutil.chown(folder, user)
    data, programs = str(folder / "data"), POSTGRES[-1].parent
    made = [programs / "initdb", "--no-sync", "--auth=trust", "--username=first90", data]
    subprocess.run(made, user=user, cwd="/", check=True, capture_output=True)
    started = [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"]
    process = subprocess.Popen(started, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        create = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "first90", "prefect"]
        _wait(lambda: subprocess.run(create, cwd="/", capture_output=True, check=False).returncode == 0, process)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _redis(folder: Path) -> Iterator[int]:
    port = _free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    _, *options = SERVICES["redis"]["command"]
    with _running(["redis-server", *options, *words], dict(os.environ), folder / "redis.log"):
        yield port


@contextmanager
def _running(command: list[str], settings: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out, subprocess.Popen(command, env=settings, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.kill()


def _wait(reached: Callable[[], bool], *needed: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + WITHIN
    while not reached():
        assert all(process.poll() is None for process in needed), "a process ended"
        assert time.monotonic() < end, "not reached in time"
        time.sleep(0.5)


def _answers(api: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{api}/health", timeout=5):
        return True
    return False


def _scheduled(api: str, settings: dict[str, str]) -> int:
    """How many deployments have a scheduled run, which the services made."""
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.filters import FlowRunFilter

    with SyncPrefectClient(api, auth_string=settings["PREFECT_API_AUTH_STRING"]) as client:
        runs: list[Any] = client.read_flow_runs(
            flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": ["SCHEDULED"]}}}), limit=200
        )
    return len({run.deployment_id for run in runs})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
