"""Commands for setting up: check settings and connections, migrate the database, make the sample portfolio."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, Unusable
from cli.printing import console, plain, print_json, say, text

app = typer.Typer(
    help="The database.\n\nExample: [bold]first90 db upgrade[/bold]", no_args_is_help=True, add_completion=False
)


def check(as_json: AsJson = False) -> None:
    """Look at settings and connections, one line each; changes nothing.

    Example: [bold]first90 check[/bold]
    """
    from cli.check.checks import findings, known_stops
    from cli.pages.standstill import print_stops

    print_stops(known_stops(), aside=as_json)
    found = list(findings())
    if as_json:
        print_json(found)
    else:
        out = console()
        for one in found:
            mark = "[yellow]warn[/yellow]" if one.warning else "[green]ok  [/green]" if one.ok else "[red]fail[/red]"
            out.print(f"{mark} {one.what:<10} {text(one.said)}", soft_wrap=True)
    if not all(one.ok for one in found):
        raise typer.Exit(1)


@app.callback()
def database() -> None:
    """Keep `upgrade` a subcommand, though it is the only one."""


@app.command()
def upgrade() -> None:
    """Bring the tables to the version of this program; makes the database if there is none.

    Example: [bold]first90 db upgrade[/bold]
    """
    from config.settings.load import load_settings
    from database.engine import HEAD, connect, sqlite_file
    from database.upgrades import upgrade as migrate

    database = connect(load_settings().database_url)
    file = sqlite_file(database.engine.url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    try:
        migrate(database)
    finally:
        database.close()
    console().print(text(f"{database.place} is at version {HEAD}"), soft_wrap=True)


def sample(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", show_default=False, help="Where; without it in the home, as the CRM in use."),
    ] = None,
) -> None:
    """Make the sample portfolio if it is not there, and print the moment it was made for.

    Into DIR to look at it, or to change it and read it by FIRST90_CRM=csv:DIR.

    Example: [bold]first90 run --as-of "$(first90 sample)"[/bold]
    """
    from config.sample_portfolio.sample import make_sample

    place = folder.expanduser().absolute() if folder else _sample_in_use()
    fresh = not (place.is_dir() and any(place.iterdir()))
    try:
        moment = make_sample(place, datetime.now(UTC))
    except ValueError as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{place}: cannot be made ({error.strerror}); name another folder") from None
    say(f"{'made the sample portfolio in' if fresh else 'the sample portfolio is in'} {place}")
    typer.echo(plain(moment))


def _sample_in_use() -> Path:
    from config.settings.load import load_settings

    place = load_settings().sample
    if place is None:
        raise Unusable(
            "FIRST90_CRM names a CRM of yours, so the sample is not used; unset it, or name a folder for the sample"
        )
    return place
