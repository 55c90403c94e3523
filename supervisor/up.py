"""``first90 up``: a Prefect server, the timetable and a worker on this machine, for as long as they are wanted.

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
from supervisor.headers import refuse_foreign_login
from supervisor.lock import Turn, take
from supervisor.login import LOGIN, agreed, blamed, login_to_keep
from supervisor.probe import answers, refuse_unless_welcome
from supervisor.process_marks import end_all, our_runs, ours
from supervisor.processes import ChildEnded, Family
from supervisor.server import SERVER, ServerError, tell_overruled
from supervisor.timetable import ALONE, POOL, Deployed, from_text
from tasks.runtime.refusals import Refused

AT_ONCE = 2
"""Runs of the worker."""
PATIENCE = 40.0
"""Seconds for an orderly end; a run gives back what it holds, which takes as long as its longest call."""
KEPT_TIDY = {
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_WORKER_QUERY_SECONDS": "5",
}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Login:
    """Where the login is kept, and what it is, where that has to be shown: when it was made."""

    place: Path
    new: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Running:
    """What is up."""

    pages: str
    """Address of Prefect's pages."""
    timetable: tuple[Deployed, ...]
    family: Family
    login: "Login | None" = None
    """How to get into a server of our own."""


@contextmanager
def standing(
    home: Path, folder: Path, port: int | None, also: Mapping[str, Sequence[str]], ended: Event, say: Say
) -> Iterator[Running]:
    """Everything is up while the block runs, and ended in order after it: runs, worker, the others, server.

    ``folder`` is where ``prefect.yaml`` is; ``also`` are more modules to keep running, by their name. Raises
    ServerError, ChildEnded, Refused where settings of Prefect are in the way, and Stopped where ``ended`` is set before
    all is up.
    """
    places = {variable("home"): str(home), STARTED_IN: os.environ.get(STARTED_IN, os.getcwd())}
    family = Family(home / "logs", folder, ended, places | QUIET, say)
    with ExitStack() as stack:
        turn = None if port is None else stack.enter_context(_records(home, family, say))
        stack.callback(_end, family, say)
        if port is None or turn is None:
            yield _work(family, _configured(family, say), (), also, say)
        else:
            login = _own_server(home, port, family, say)
            turn.leave_note(api_at(port))
            yield replace(_work(family, api_at(port), (ALONE,), also, say), login=login)


def _configured(family: Family, say: Say) -> str:
    api = configured_api() or ""
    say(f"using the Prefect server that is configured, {pages_of(api)}")
    if not family.wait_for(lambda: answers(api), STARTS_WITHIN):
        raise ServerError(f"the Prefect server {pages_of(api)} does not answer; start it, or unset PREFECT_API_URL")
    refuse_unless_welcome()
    return api


@contextmanager
def _records(home: Path, family: Family, say: Say) -> Iterator[Turn]:
    lock = records(home) / LOCK
    turn = take(lock)
    if turn is None:
        say("a first90 run is using this machine's Prefect server; waiting for it to end")
    while turn is None:
        family.pause()
        turn = take(lock)
    with turn:
        yield turn


def _own_server(home: Path, port: int, family: Family, say: Say) -> Login:
    api, folder = api_at(port), records(home)
    refuse_foreign_login(folder)
    login, is_new = login_to_keep(folder)
    settings = own_settings(folder) | {name: os.environ.get(name, value) for name, value in KEPT_TIDY.items()}
    settings |= agreed(port, login)
    tell_overruled(settings, say)
    family.settings |= settings
    say(f"starting a Prefect server at {pages_of(api)}{first_time(folder)}")
    began = time.monotonic()
    family.start("server", SERVER, str(port), PREFECT_LOGGING_LEVEL="WARNING")
    try:
        if not family.wait_for(lambda: answers(api), STARTS_WITHIN):
            raise ServerError(f"the Prefect server did not start within {STARTS_WITHIN:.0f} s; see {family.logs}")
    except (ChildEnded, ServerError) as error:
        if blame := blamed(settings):
            raise Refused(f"{error}\n{blame}") from None
        raise
    say(f"it answers after {time.monotonic() - began:.0f} s")
    return Login(folder / LOGIN, login if is_new else None)


def _work(family: Family, api: str, words: Sequence[str], also: Mapping[str, Sequence[str]], say: Say) -> Running:
    say("applying the timetable")
    applying = family.start("timetable", "supervisor.deploy", *words, answers=True)
    timetable = from_text(family.answer_of(applying, STARTS_WITHIN))
    for name, words in also.items():
        family.start(name, *words, needed=False)
    named = ("--name", f"first90 up on {socket.gethostname()}")
    limits = ("--limit", str(AT_ONCE), "--install-policy", "never")
    family.start("worker", "prefect", "--no-prompt", "worker", "start", "--pool", POOL, *named, *limits)
    return Running(pages_of(api), timetable, family)


def _end(family: Family, say: Say) -> None:
    if family.children:
        names = ", ".join(child.name for child in reversed(family.children))
        say(f"stopping: first the runs that are under way, then {names}")
    end_all(our_runs, PATIENCE)
    for child in reversed(family.children):
        child.stop(PATIENCE)
    end_all(ours, patience=5)
