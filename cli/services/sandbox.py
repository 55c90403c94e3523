"""``first90 sandbox``: a Salesforce on this machine, to rehearse against without an org."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Unusable, moment
from cli.printing import say

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

MOMENT = "{as_of}"


def sandbox(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND...]", help="Run this against it, then stop.", show_default=False),
    ] = None,
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="Port on this machine; 0: any.")] = 0,
    crm: Annotated[
        Path | None,
        typer.Option("--crm", metavar="DIR", help="CSV folder to begin with.", show_default="the bundled sample"),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="Its own folder.", show_default="sandbox in the home folder"),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            parser=moment,
            show_default="the sample's moment, else now",
            help="Where its clock begins.",
        ),
    ] = None,
) -> None:
    """Serve a Salesforce on this machine, as strict as a real one, and print the settings that lead to it.

    Records are in memory; at an orderly stop they are kept in its folder, and the next start goes on with them.

    Example: [bold]first90 sandbox -- first90 run --as-of {as_of}[/bold]
    """
    from config.settings.load import load_settings
    from sandbox.running import stand
    from tasks.runtime.termination import handling

    folder = (home or load_settings().home / "sandbox").expanduser().resolve()
    source = (crm or folder / "crm").expanduser().resolve()
    try:
        began = _begin(source, as_of, is_sample=crm is None)
        # SIGTERM is an orderly stop, as Ctrl-C is.
        with (
            handling(signal.default_int_handler, signal.SIGTERM),
            stand(folder, source, port=port, as_of=began) as running,
        ):
            _tell(running, folder)
            if command:
                say(f"its settings stand in {running.variables_file}: source it to look around afterwards")
                code = _run([word.replace(MOMENT, began.isoformat()) for word in command], running.variables)
            else:
                say(f"these settings lead to it, and stand in {running.variables_file}:")
                typer.echo(running.variables_file.read_text("utf-8"), nl=False)
                code = _wait()
    except (OSError, ValueError) as error:
        raise Unusable(f"the sandbox cannot stand: {error}") from None
    if code:
        raise typer.Exit(code)


def _begin(crm: Path, as_of: datetime | None, *, is_sample: bool) -> datetime:
    """Return the moment at which the org's clock begins: that of the sample, which is made if it is missing, or now."""
    from config.sample_portfolio.sample import make_sample

    if not is_sample:
        if not crm.is_dir():
            raise ValueError(f"there is no folder {crm}")
        return as_of or datetime.now(UTC)
    made = make_sample(crm, datetime.now(UTC))
    return as_of or made


def _tell(running: "RunningSandbox", folder: Path) -> None:
    from sandbox.running import SAVED

    if running.loaded is None:
        say(f"the org goes on with the records it had; remove {folder / SAVED} to begin anew")
    else:
        counts = ", ".join(f"{number} {name}" for name, number in running.loaded.counts.items())
        say(f"a new org with {counts or 'no records'}")
        for line in running.loaded.left_out:
            say(f"left out, because no Salesforce could hold it: {line}")
    say(f"a Salesforce serves at {running.url}")


def _run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a command with these settings and no other Salesforce login; return its exit status."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FIRST90_SALESFORCE_")}
    return subprocess.run(list(command), env=kept | dict(variables), check=False).returncode


def _wait() -> int:
    """Wait for Ctrl-C or SIGTERM; return the exit status 0."""
    say("stop it with Ctrl-C")
    try:
        Event().wait()
    except KeyboardInterrupt:
        say("stopped; its records are kept")
    return 0
