"""The Prefect server of this machine: started and stopped by ``first90 run`` where none is configured.

It keeps its records under the home folder, asks nothing of the internet, and never outlives the process
that started it, not even one that was killed: it watches its standard input, which ends with that process.
This module is read before Prefect is, so that Prefect finds its settings in the environment; it must not
import it.
"""

import contextlib
import importlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

STARTS_WITHIN = 120.0
"""Seconds; a first start makes Prefect's own database and took 13 to 25 s where we measured."""

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
}
"""All three are needed: server, client and Cloud each have an analytics switch of their own."""

SMALL_SERVER = {
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(int(STARTS_WITHIN)),
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
}


class ServerError(Exception):
    """No Prefect server could be started. The message says where its log is and how to go on without one."""


@contextlib.contextmanager
def prefect_server(home: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let flows run: on the configured Prefect server, else on one of our own for the time being.

    Two commands on one home take turns, because two servers would share one file of records. Raises
    ServerError.
    """
    if _already_configured():
        with _environment(QUIET):
            yield
        return
    folder = home / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    with _turn(folder / "server.lock", say):
        port = _free_port()
        settings = {**QUIET, **SMALL_SERVER, "PREFECT_HOME": str(folder), "PREFECT_LOGGING_LEVEL": "WARNING"}
        settings = {name: os.environ.get(name, value) for name, value in settings.items()}
        with (
            _environment(settings | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}),
            (folder / "server.log").open("ab") as log,
        ):
            fresh = not (folder / "prefect.db").exists()
            say("starting a Prefect server on this machine" + (", its first time takes longer" if fresh else ""))
            server = subprocess.Popen(
                [sys.executable, "-m", "flows.server", str(port)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
            try:
                importlib.import_module("prefect")  # takes a second or two, as the server does
                _wait_until_healthy(server, port, folder / "server.log")
                yield
            finally:
                _stop(server)


@contextlib.contextmanager
def without_server() -> Iterator[None]:
    """Let flow functions be called plainly: Prefect is read, but nothing of it is started or left on the
    disk."""
    with (
        tempfile.TemporaryDirectory(prefix="first90-") as folder,
        _environment(QUIET | {"PREFECT_HOME": folder}),
    ):
        yield


def _already_configured() -> bool:
    if os.environ.get("PREFECT_API_URL"):
        return True
    if "prefect" in sys.modules:
        from prefect.settings import PREFECT_API_URL

        return bool(PREFECT_API_URL.value())
    home = Path(os.environ.get("PREFECT_HOME", Path.home() / ".prefect"))
    try:
        profiles = tomllib.loads((home / "profiles.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    active = os.environ.get("PREFECT_PROFILE") or profiles.get("active", "")
    return bool(profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL"))


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _turn(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    import fcntl

    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another first90 run is using this machine's Prefect server; waiting for it to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    way_out = f"see {log}, or run with --plain, which needs no server"
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            raise ServerError(f"the Prefect server stopped while starting (exit {server.returncode}); {way_out}")
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise ServerError(f"the Prefect server did not start within {STARTS_WITHIN:.0f} s; {way_out}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if server.stdin:
        server.stdin.close()


def _serve(port: int) -> None:
    import uvicorn

    def follow_the_parent() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow_the_parent, daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
    )


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
