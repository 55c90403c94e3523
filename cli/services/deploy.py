"""``first90 deploy``: work pool, deployments with their limits, and automations, on the configured Prefect server."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Unusable
from cli.printing import print_json, print_lines, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervisor.deployments.changes import ServerChange

LAST_LINES = 15
"""Of what Prefect said, where it refused."""


class PrefectRefused(Exception):
    """Prefect ended with an error. The message holds the end of what it said."""


def deploy(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the configured Prefect server to what first90 needs; say what was changed.

    That is the work pool first90, all deployments of prefect.yaml with their schedules and concurrency limits, and
    automations that tell operators of runs that fail, hang or do not come. What ops paused stays paused.

    Example: [bold]PREFECT_API_URL=http://prefect:4200/api first90 deploy --dry-run[/bold]
    """
    from config.settings.load import load_settings
    from config.settings.locations import TIMETABLE, brought_along
    from config.settings.redaction import without_secrets
    from supervisor.api import QUIET, configured_api, pages_of
    from supervisor.deployments.changes import DRY_RUN, from_text
    from supervisor.prefect_settings import for_children
    from supervisor.probe import answers, refuse_without_login, silence

    load_settings()
    api = configured_api()
    if api is None:
        raise Unusable(
            "no Prefect server is configured; set PREFECT_API_URL (or choose a profile of Prefect), or use "
            "`first90 up`, which has a server of its own"
        )
    if not answers(api):
        raise Unusable(f"{silence(api)}; start it, or correct PREFECT_API_URL there")
    refuse_without_login()
    say(f"looking at the Prefect server {pages_of(api)}")
    command = [sys.executable, "-m", "supervisor.deployments.deploy", *([DRY_RUN] if dry_run else [])]
    folder = brought_along(TIMETABLE).parent
    environment = QUIET | os.environ | for_children()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    if done.returncode:
        said = without_secrets(done.stderr.decode("utf-8", "replace"))
        raise PrefectRefused(f"Prefect refused it; what was changed until then stays. It said:\n{_end(said)}")
    changes = from_text(done.stdout)
    if as_json:
        print_json(changes)
        return
    print_lines(_told(changes, dry=dry_run))
    if not any(one.what == "block" for one in changes):
        print_lines(
            [
                "The automations tell nobody: there is no Slack (FIRST90_CHAT), and no mail for ops (FIRST90_MAIL, and "
                "ops_mail: in the team file). They are seen on Prefect's pages."
            ]
        )
    print_lines(["A worker on each machine does the work: prefect worker start --pool first90 --limit 2"])


def _told(changes: "Sequence[ServerChange]", *, dry: bool) -> list[str]:
    from supervisor.deployments.changes import ChangeKind

    shown = [one for one in changes if one.kind is not ChangeKind.AS_BEFORE]
    rest = len(changes) - len(shown)
    words = {ChangeKind.CREATED: "would create", ChangeKind.CHANGED: "would change"} if dry else {}
    lines = [
        f"{words.get(one.kind, one.kind.value)} {one.what} {one.name}"
        + (f" ({'; '.join(one.details)})" if one.details else "")
        for one in shown
    ]
    if not shown:
        return [f"Nothing {'would be' if dry else 'was'} changed: all {rest} as before."]
    return [*lines, f"{rest} as before."] if rest else lines


def _end(said: str) -> str:
    return "\n".join(f"    {line}" for line in said.splitlines()[-LAST_LINES:])
