"""``first90 up``: runs a Prefect server, the timetable and a worker on this machine until it is stopped.

This process only starts, watches and ends the others. It never imports Prefect, which reads its settings at import.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from config.settings.variables import STARTED_IN, variable
from supervisor.api import (
    LOCK,
    QUIET,
    STARTS_WITHIN,
    api_at,
    configured_api,
    first_time,
    own_settings,
    pages_of,
    records,
)
from supervisor.deployments.timetable import ALONE, POOL, Deployed, from_text
from supervisor.headers import refuse_foreign_login
from supervisor.lock import HeldLock, take
from supervisor.login import LOGIN, agreed, blamed, login_to_keep
from supervisor.prefect_settings import for_children
from supervisor.probe import answers, refuse_without_login, silence
from supervisor.process_marks import end_all, our_runs, ours
from supervisor.processes import ChildEnded, ChildProcesses
from supervisor.server import SERVER, ServerError, tell_overruled
from tasks.runtime.refusals import Refused

AT_ONCE = 2
"""The most runs of the worker at once."""
PATIENCE = 40.0
"""Seconds for an orderly end: a run releases its leases, after its longest call."""
KEPT_TIDY = {
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_WORKER_QUERY_SECONDS": "5",
}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Login:
    """The file of the login, and the login itself where it is new and has to be shown."""

    place: Path
    new: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Running:
    """Everything that is running."""

    pages: str
    """The address of Prefect's pages."""
    timetable: tuple[Deployed, ...]
    processes: ChildProcesses
    login: "Login | None" = None
    """The login of our own server; None for a configured one."""


@contextmanager
def running(
    home: Path, folder: Path, port: int | None, also: Mapping[str, Sequence[str]], ended: Event, say: Say
) -> Iterator[Running]:
    """Keep everything running inside the block, and end it in order after it: runs, worker, the others, server.

    ``folder`` is where ``prefect.yaml`` is; ``also`` are more modules to keep running, by name. Raises ServerError,
    ChildEnded, Refused where settings of Prefect prevent it, and Stopped where ``ended`` is set before all is running.
    """
    places = {variable("home"): str(home), STARTED_IN: os.environ.get(STARTED_IN, os.getcwd())}
    processes = ChildProcesses(home / "logs", folder, ended, places | QUIET, say)
    with ExitStack() as stack:
        turn = None if port is None else stack.enter_context(_records(home, processes, say))
        stack.callback(_end, processes, say)
        if port is None or turn is None:
            yield _start_work(processes, _configured(processes, say), (), also, say)
        else:
            login = _own_server(home, port, processes, say)
            turn.leave_note(api_at(port))
            yield replace(_start_work(processes, api_at(port), (ALONE,), also, say), login=login)


def _configured(processes: ChildProcesses, say: Say) -> str:
    api = configured_api() or ""
    say(f"using the Prefect server that is configured, {pages_of(api)}")
    if not processes.wait_for(lambda: answers(api), STARTS_WITHIN):
        raise ServerError(f"{silence(api)}; start it, or unset PREFECT_API_URL there")
    refuse_without_login()
    processes.settings |= for_children()
    return api


@contextmanager
def _records(home: Path, processes: ChildProcesses, say: Say) -> Iterator[HeldLock]:
    lock = records(home) / LOCK
    turn = take(lock)
    if turn is None:
        say("a first90 run is using this machine's Prefect server; waiting for it to end")
    while turn is None:
        processes.pause()
        turn = take(lock)
    with turn:
        yield turn


def _own_server(home: Path, port: int, processes: ChildProcesses, say: Say) -> Login:
    api, folder = api_at(port), records(home)
    refuse_foreign_login(folder)
    login, is_new = login_to_keep(folder)
    settings = own_settings(folder) | {name: os.environ.get(name, value) for name, value in KEPT_TIDY.items()}
    settings |= agreed(port, login)
    tell_overruled(settings, say)
    processes.settings |= settings
    say(f"starting a Prefect server at {pages_of(api)}{first_time(folder)}")
    began = time.monotonic()
    processes.start("server", SERVER, str(port), PREFECT_LOGGING_LEVEL="WARNING")
    try:
        if not processes.wait_for(lambda: answers(api), STARTS_WITHIN):
            raise ServerError(f"the Prefect server did not start within {STARTS_WITHIN:.0f} s; see {processes.logs}")
    except (ChildEnded, ServerError) as error:
        if blame := blamed(settings):
            raise Refused(f"{error}\n{blame}") from None
        raise
    say(f"it answers after {time.monotonic() - began:.0f} s")
    return Login(folder / LOGIN, login if is_new else None)


def _start_work(
    processes: ChildProcesses, api: str, arguments: Sequence[str], also: Mapping[str, Sequence[str]], say: Say
) -> Running:
    say("applying the timetable")
    applying = processes.start("timetable", "supervisor.deployments.apply", *arguments, captured=True)
    timetable = from_text(processes.output_of(applying, STARTS_WITHIN))
    for name, command in also.items():
        processes.start(name, *command, needed=False)
    named = ("--name", f"first90 up on {socket.gethostname()}")
    limits = ("--limit", str(AT_ONCE), "--install-policy", "never")
    processes.start("worker", "prefect", "--no-prompt", "worker", "start", "--pool", POOL, *named, *limits)
    return Running(pages_of(api), timetable, processes)


def _end(processes: ChildProcesses, say: Say) -> None:
    if processes.children:
        names = ", ".join(child.name for child in reversed(processes.children))
        say(f"stopping: first the runs that are under way, then {names}")
    end_all(our_runs, PATIENCE)
    for child in reversed(processes.children):
        child.stop(PATIENCE)
    end_all(ours, patience=5)
