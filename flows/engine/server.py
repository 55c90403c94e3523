"""The Prefect server of this machine: started and stopped by ``first90 run`` where none is configured.

It keeps its records under the home folder, asks nothing of the internet, and never outlives the process
that started it, not even one that was killed: it watches its standard input, which ends with that process.
This module is read before Prefect is, so that Prefect finds its settings in the environment; it must not
import it.
"""

import contextlib
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flows.engine.api import (
    LOCK,
    QUIET,
    STARTS_WITHIN,
    answers,
    api_at,
    configured_api,
    first_time,
    free_port,
    own_settings,
    records,
)
from flows.engine.leash import follow_the_parent
from flows.engine.turns import note_in, take

SERVER = "flows.engine.server"
"""The module to run, with a port as its one word."""


class ServerError(Exception):
    """No Prefect server could be started. The message says where its log is and how to go on without one."""


@contextlib.contextmanager
def prefect_server(home: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let flows run: on the configured Prefect server, else on one of our own for the time being.

    Two commands on one home take turns, because two servers would share one file of records; beside a
    ``first90 up`` its server is used. Raises ServerError.
    """
    if configured_api():
        with _environment(QUIET):
            yield
        return
    folder = records(home)
    settings = own_settings(folder) | {"PREFECT_LOGGING_LEVEL": os.environ.get("PREFECT_LOGGING_LEVEL", "WARNING")}
    with _turn(folder / LOCK, say) as standing:
        port = free_port()
        api = standing or api_at(port)
        with _environment({"PREFECT_UI_ENABLED": "false", **settings, "PREFECT_API_URL": api}):
            if standing:
                yield
                return
            with (folder / "server.log").open("ab") as log:
                say("starting a Prefect server on this machine" + first_time(folder))
                server = subprocess.Popen(
                    [sys.executable, "-m", SERVER, str(port)], stdin=subprocess.PIPE, stdout=log, stderr=log
                )
            try:
                importlib.import_module("prefect")  # takes a second or two, as the server does
                _wait_until_healthy(server, api, folder / "server.log")
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
def _turn(lock: Path, say: Callable[[str], None]) -> Iterator[str | None]:
    """Nothing, when it is this command's turn; else the address of the server that ``first90 up`` keeps for all."""
    waited = False
    while (taken := take(lock)) is None:
        if (api := note_in(lock)) and answers(api):
            yield api
            return
        if not waited:
            say("another first90 is using this machine's Prefect server; waiting for it")
            waited = True
        time.sleep(0.1)
    with taken:
        yield None


def _wait_until_healthy(server: subprocess.Popen[bytes], api: str, log: Path) -> None:
    way_out = f"see {log}, or run with --plain, which needs no server"
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            raise ServerError(f"the Prefect server stopped while starting (exit {server.returncode}); {way_out}")
        if answers(api):
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

    follow_the_parent()
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
