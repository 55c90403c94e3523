"""``first90 up``: runs everything by its timetable on this machine, until it is stopped."""

import os
import signal
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from cli.printing import print_lines, say

if TYPE_CHECKING:
    from config.settings.load import Settings

PREFECT_IN_JSON = ("PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER", "json")
"""Prefect's own setting, for what its server, worker and runs write to their logs."""


def up(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            show_default="4200",
            help="Where Prefect's pages and API are on this machine; 0 takes a free one.",
        ),
    ] = None,
) -> None:
    """Run everything by its timetable on this machine, until Ctrl-C or SIGTERM.

    That is a Prefect server with its pages (or the one that PREFECT_API_URL or
    the profile names), all deployments, a worker, and Slack's buttons where
    there is a token.

    Example: [bold]first90 up[/bold], then open http://127.0.0.1:4200
    """
    from cli.logs import write_logs
    from cli.services.summary import told
    from config.settings.load import load_settings
    from config.settings.locations import TIMETABLE, brought_along
    from supervisor.api import port_for
    from supervisor.lock import only_one
    from supervisor.processes import Stopped
    from supervisor.up import running
    from tasks.runtime.termination import handling

    settings = load_settings()
    write_logs(as_json=settings.logs_as_json)
    if settings.logs_as_json:
        os.environ.setdefault(*PREFECT_IN_JSON)  # passed on to all children
    folder = brought_along(TIMETABLE).parent
    ended = Event()
    # Handled before anything is started: a process started with Ctrl-C ignored passes that on, and would never end.
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: the terminal may go
        signals.append(signal.SIGHUP)
    with handling(lambda *_: ended.set(), *signals), only_one(settings.home) as turn:
        chosen = port_for(port)
        _prepare(settings)
        try:
            with running(settings.home, folder, chosen, _also(settings), ended, say) as everything:
                turn.leave_note(f"process {os.getpid()}, {everything.pages}")
                print_lines(told(everything, settings))
                everything.processes.watch()
        except Stopped:
            pass
        say("stopped")


def _prepare(settings: "Settings") -> None:
    """Make the database, which a deployed run does not do. Raises what opening the run context raises."""
    from tasks.runtime.context import open_run_context

    with open_run_context(settings):
        pass


def _also(settings: "Settings") -> dict[str, tuple[str, ...]]:
    """Return the modules that run beside the worker, by name."""
    from config.settings.channels import SlackChat

    chat = settings.chat
    listens = isinstance(chat, SlackChat) and chat.app_token is not None
    return {"slack": ("cli", "slack")} if listens else {}
