"""What ``first90 up`` prints once everything is up."""

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings.load import Settings
    from supervisor.deployments.timetable import Deployed
    from supervisor.up import Login, Running

WHAT = {
    "server": "Prefect server",
    "worker": "worker (two runs at once)",
    "slack": "Slack's buttons (Socket Mode)",
}


def told(up: "Running", settings: "Settings") -> Iterator[str]:
    """Yield the address, what runs when, where the logs are and how to stop it."""
    yield ""
    yield f"first90 is up. Prefect's pages: {up.pages}"
    if up.login is not None:
        yield from _how_to_log_in(up.login)
    yield from timetable(up.timetable)
    yield ""
    yield f"Running, each with a log in {up.processes.logs}:"
    for child in up.processes.children:
        yield f"  {WHAT.get(child.name, child.name):<34}{child.log.name}"
    yield ""
    yield f"The home is {settings.home}. Stop it with Ctrl-C, or SIGTERM."


def _how_to_log_in(login: "Login") -> Iterator[str]:
    """Yield the login itself once, when it is new, and never into systemd's journal."""
    if login.new and "JOURNAL_STREAM" not in os.environ:
        yield f"They ask for this login, shown once and kept in {login.place}:"
        yield f"  {login.new}"
    else:
        yield f"They ask for the login in {login.place}"


def timetable(deployed: "tuple[Deployed, ...]") -> Iterator[str]:
    """Yield what runs by itself, and what a person starts."""
    sweeps = [one for one in deployed if one.crons]
    by_hand = [one.name for one in deployed if not one.crons]
    yield ""
    yield f"{len(sweeps)} deployments run by themselves (UTC):"
    for one in sweeps:
        when = ", ".join(in_words(cron) for cron in one.crons)
        yield f"  {one.name:<34}{when}{'; paused' if one.paused else ''}"
    if by_hand:
        yield f"  {', '.join(by_hand):<34}when a person starts it"


def in_words(cron: str) -> str:
    """Return a cron line in words, such as ``every 10 minutes``; one without such words stays as it is."""
    if found := re.fullmatch(r"\*/(\d+) \* \* \* \*", cron):
        return f"every {found[1]} minutes"
    if found := re.fullmatch(r"(\d+) \* \* \* \*", cron):
        return f"every hour at :{found[1]:0>2}"
    return cron
