"""The Prefect server of this machine: started and stopped by ``first90 run`` where none is configured.

It keeps its records under the home folder, makes no request to the internet, and never outlives the process that
started it, not even a killed one: it watches its standard input, which closes with that process. This module is
imported before Prefect, which reads its settings from the environment at import; it must not import it.
"""

import contextlib
import importlib
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from supervisor.api import (
    LOCK,
    QUIET,
    STARTS_WITHIN,
    api_at,
    configured_api,
    first_time,
    free_port,
    own_settings,
    port_of,
    records,
)
from supervisor.headers import refuse_foreign_login
from supervisor.lock import note_in, take
from supervisor.login import agreed, blamed, kept_login, new_login, overruled
from supervisor.prefect_settings import for_children
from supervisor.probe import ServerAccess, access_of, answers, refuse_without_login, silence
from supervisor.watchdog import follow_the_parent
from tasks.runtime.refusals import Refused

SERVER = "supervisor.server"
"""The module to run, with a port as its argument."""
TRIES = 3
"""How often a configured server is asked, a second apart, before it counts as not answering. Our choice."""


class ServerError(Exception):
    """No Prefect server could be started. The message names its log and the way to work without one."""


@contextlib.contextmanager
def prefect_server(home: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Provide a Prefect server inside the block: the configured one, else a temporary one of our own.

    Two commands on one home wait for each other, because two servers would share one file of records; beside a
    ``first90 up`` its server is used. A temporary one has a login of its own, known to this process only.
    Raises ServerError where none answers, and Refused where settings of Prefect prevent it.
    """
    if api := configured_api():
        _need_answer(api)
        refuse_without_login()
        with _environment(QUIET | for_children()):
            yield
        return
    folder = records(home)
    settings = own_settings(folder) | {"PREFECT_LOGGING_LEVEL": os.environ.get("PREFECT_LOGGING_LEVEL", "WARNING")}
    settings |= {"PREFECT_SERVER_UI_ENABLED": "false"}
    refuse_foreign_login(folder)
    with _turn(folder / LOCK, say) as state:
        if state:
            with _environment(settings | agreed(port_of(state), kept_login(folder) or "")):
                yield
            return
        port = free_port()
        settings |= agreed(port, new_login())
        tell_overruled(settings, say)
        blame = blamed(settings)
        with _environment(settings), _started(port, folder, say, blame):
            yield


def _need_answer(api: str) -> None:
    """Raise ServerError where the configured server does not answer: each flow would wait half a minute for it and do
    nothing."""
    for _ in range(TRIES):
        if access_of(api) is not ServerAccess.SILENT:
            return
        time.sleep(1)
    raise ServerError(
        f"{silence(api)}; nothing was done. Start it, correct or unset PREFECT_API_URL there, or run with --plain, "
        "which needs no server"
    )


def tell_overruled(settings: dict[str, str], say: Callable[[str], None]) -> None:
    """Print which Prefect settings of the environment do not count, if any."""
    if names := overruled(settings):
        say(f"{', '.join(names)}: not for first90's own Prefect server, which sets this itself (docs/running.md)")


@contextlib.contextmanager
def _started(port: int, folder: Path, say: Callable[[str], None], blame: str) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("ab") as written:
        say("starting a Prefect server on this machine" + first_time(folder))
        server = subprocess.Popen(
            [sys.executable, "-m", SERVER, str(port)], stdin=subprocess.PIPE, stdout=written, stderr=written
        )
    try:
        try:
            _import_prefect()  # takes a second or two, during which the server starts
            _wait_until_healthy(server, api_at(port), log)
        except (ServerError, ValueError) as error:  # of which pydantic's is one
            if not blame:
                raise
            told = f"{error}" if isinstance(error, ServerError) else "Prefect cannot use its settings"
            raise Refused(f"{told}; {blame}") from None
        yield
    finally:
        _stop(server)


@contextlib.contextmanager
def without_server() -> Iterator[None]:
    """Let flow functions be called as plain functions: Prefect is imported, but starts and stores nothing."""
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
    """Wait for the lock and yield None while it is held; yield the address of the server where ``first90 up`` runs."""
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


def _import_prefect() -> None:
    """Import Prefect without its output: for a wrong setting that holds the value, which may be a password."""
    with contextlib.redirect_stderr(io.StringIO()):
        importlib.import_module("prefect")


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
    from prefect.server.api.server import create_app

    from supervisor.gate import guarded

    follow_the_parent()
    uvicorn.run(
        guarded(create_app(), port),
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
    )


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
