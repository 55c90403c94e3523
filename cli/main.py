"""The table of all commands, and how a command ends: an error as one message, exit status 0, 1 or 2."""

import gc
import logging
import os
import sys
import traceback
from typing import Any

# first90 uses no plugins of pydantic, and searching the installed packages for them costs every command 40 ms.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

import typer

from cli.lazy import CommandTarget, LazyGroup
from cli.logs import TRACEBACK
from config.files.private import keep_private
from config.settings.redaction import without_secrets

DAILY = "Every day"
FACTS = "Facts and decisions of a person"
ALARMS = "Escalations and safety"
SETUP = "Set-up and rehearsal"

PLACES = {
    "run": CommandTarget("cli.commands.running:run", DAILY),
    "status": CommandTarget("cli.commands.looking:status", DAILY),
    "show": CommandTarget("cli.commands.looking:show", DAILY),
    "explain": CommandTarget("cli.commands.looking:explain", DAILY),
    "forecast": CommandTarget("cli.commands.looking:forecast", DAILY),
    "effects": CommandTarget("cli.commands.effects:app", DAILY),
    "drafts": CommandTarget("cli.recording.drafts:app", DAILY),
    "account-plan": CommandTarget("cli.commands.handing_over:account_plan", DAILY),
    "board": CommandTarget("cli.commands.board:board", DAILY),
    "plan-link": CommandTarget("cli.commands.board:plan_link", DAILY),
    "report": CommandTarget("cli.commands.looking:report", DAILY),
    "record": CommandTarget("cli.recording.app:app", FACTS),
    "adopt": CommandTarget("cli.commands.steering:adopt", FACTS),
    "hold": CommandTarget("cli.commands.steering:hold", FACTS),
    "resume": CommandTarget("cli.commands.steering:resume", FACTS),
    "skip-stage": CommandTarget("cli.commands.steering:skip_stage", FACTS),
    "reassign": CommandTarget("cli.commands.steering:reassign", FACTS),
    "away": CommandTarget("cli.commands.steering:away", FACTS),
    "retier": CommandTarget("cli.commands.steering:retier", FACTS),
    "close": CommandTarget("cli.commands.steering:close", FACTS),
    "forget": CommandTarget("cli.commands.forgetting:forget", FACTS),
    "approvals": CommandTarget("cli.commands.approvals:app", FACTS),
    "ack": CommandTarget("cli.commands.alarms:ack", ALARMS),
    "snooze": CommandTarget("cli.commands.alarms:snooze", ALARMS),
    "resolve": CommandTarget("cli.commands.alarms:resolve", ALARMS),
    "stop": CommandTarget("cli.commands.alarms:stop", ALARMS),
    "start": CommandTarget("cli.commands.alarms:start", ALARMS),
    "up": CommandTarget("cli.services.up:up", DAILY),
    "deploy": CommandTarget("cli.services.deploy:deploy", SETUP),
    "web": CommandTarget("cli.services.web:web", SETUP),
    "metrics": CommandTarget("cli.services.metrics:metrics", SETUP),
    "mcp": CommandTarget("cli.services.mcp:mcp", SETUP),
    "slack": CommandTarget("cli.services.slack:slack", SETUP),
    "reconcile": CommandTarget("cli.commands.reconcile:reconcile", ALARMS),
    "lessons": CommandTarget("cli.commands.handing_over:lessons", SETUP),
    "promises": CommandTarget("cli.commands.handing_over:promises", DAILY),
    "simulate": CommandTarget("cli.commands.simulating:simulate", SETUP),
    "preview": CommandTarget("cli.commands.rehearsing:preview", SETUP),
    "playbook": CommandTarget("cli.playbooks.app:app", SETUP),
    "check": CommandTarget("cli.commands.setting_up:check", SETUP),
    "db": CommandTarget("cli.commands.setting_up:app", SETUP),
    "export": CommandTarget("cli.commands.moving:export", SETUP),
    "import": CommandTarget("cli.commands.moving:import_", SETUP),
    "sample": CommandTarget("cli.commands.setting_up:sample", SETUP),
    "sandbox": CommandTarget("cli.services.sandbox:sandbox", SETUP),
}
QUICK = frozenset({"status", "show", "explain", "--help"})
"""Commands that end within half a second."""
UNUSABLE = {
    "config.settings.load": "SettingsError",
    "config.files.mistakes": "PlaybookError",
    "database.engine": "DatabaseProblem",
    "database.onboardings.lookup": "NotFound",
    "tasks.runtime.refusals": "Refused",
    "cli.options": "Unusable",
    "integrations.ports": "UnusableSource",
}
"""Errors that a person can mend, raised before anything was changed: exit 2. By name and module, because an error can
only be of a class that is imported already."""

TOLD_WHOLE = {
    "supervisor.server": "ServerError",
    "supervisor.processes": "ChildEnded",
    "cli.services.deploy": "PrefectRefused",
    "integrations.ports": "Unreachable",
}
"""Errors during the work whose message is complete: exit 1."""


class Contents(LazyGroup):
    """The commands of ``first90``."""

    places = PLACES


app = typer.Typer(cls=Contents, no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


@app.callback()
def first90() -> None:
    """Run the first ninety days of every customer.

    Example: [bold]first90 run --dry-run[/bold] shows what would be decided and sent; [bold]first90
    status[/bold] who is where.
    """


def main() -> None:
    """Run one command and leave with its exit code."""
    quick = not QUICK.isdisjoint(sys.argv[1:])
    if quick:
        gc.disable()  # it ends before garbage matters; collecting it would take a tenth of its time
    code = execute(sys.argv[1:])
    if quick:
        gc.freeze()  # Python collects once more at its end, which would take a fifth of the time
    sys.exit(code)


def execute(arguments: list[str]) -> int:
    """Run one command and return its exit status; errors are printed to standard error."""
    keep_private()
    try:
        app(args=arguments, prog_name="first90")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        return _say("interrupted; what was done is saved, and the next run goes on from there", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get(TRACEBACK):
            return _say(without_secrets(traceback.format_exc()), 1)
        return _say(*_told(error))
    return 0


def _told(error: Exception) -> tuple[str, int]:
    if any(_is(error, module, name) for module, name in UNUSABLE.items()):
        return str(error), 2
    if any(_is(error, module, name) for module, name in TOLD_WHOLE.items()):
        return str(error), 1
    text = without_secrets(" ".join(str(error).split()))[:500] or "no further text"
    return f"{type(error).__name__}: {text} (FIRST90_TRACEBACK=1 shows where)", 1


def _is(error: Any, module: str, name: str) -> bool:
    return module in sys.modules and isinstance(error, getattr(sys.modules[module], name))


def _say(message: str, code: int) -> int:
    from cli.printing import say

    say(message, logging.ERROR)
    return code
