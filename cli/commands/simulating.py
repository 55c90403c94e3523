"""``first90 simulate``: runs the portfolio forward on a virtual clock, and prints a summary."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Unusable, moment
from cli.printing import console, print_json, say, text
from cli.tables import print_table, table

if TYPE_CHECKING:
    from config.settings.load import Settings
    from tasks.simulation.report import SimulationResult


def simulate(
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=730, help="How many days to live.")],
    start: Annotated[
        datetime | None,
        typer.Option("--from", metavar="TIME", parser=moment, show_default="now", help="When they begin."),
    ] = None,
    playbooks: Annotated[
        Path | None, typer.Option("--playbooks", metavar="DIR", show_default="those in use", help="Other playbooks.")
    ] = None,
    behaviour: Annotated[
        Path | None,
        typer.Option("--behaviour", metavar="FILE", show_default="the bundled one", help="Who answers when."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", show_default="in the home folder", help="Where all of it is written."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Live the portfolio forward on a virtual clock: nothing leaves, and your database stays as it is.

    Example: [bold]first90 simulate --days 120 --out /tmp/autumn[/bold]
    """
    from cli.logs import write_logs
    from config.company.behaviour import load_behaviour
    from config.settings.load import load_settings
    from tasks.simulation.simulate import Simulation
    from tasks.simulation.simulate import simulate as live

    settings = load_settings()
    write_logs(as_json=settings.logs_as_json)
    plan = Simulation(
        start=start or _present(settings),
        days=days,
        out=(out or settings.home / "simulation").resolve(),
        playbooks=playbooks.resolve() if playbooks else None,
        behaviour=load_behaviour(behaviour.resolve()) if behaviour else None,
    )
    try:
        result = live(settings, plan, say)
    except ValueError as error:
        raise Unusable(str(error)) from None
    if as_json:
        print_json(
            {
                "from": plan.start,
                "days": days,
                "out": str(plan.out),
                "onboardings": [one.as_json() for one in result.summaries],
            }
        )
    else:
        _print(result, plan.out)


def _present(settings: "Settings") -> datetime:
    """Return now for a person's commands; before the first run of the sample, the sample's own moment."""
    from cli.opening import existing_database
    from config.sample_portfolio.sample import best_moment
    from tasks.runtime.clock import present_in

    now = datetime.now(UTC)
    try:
        database = existing_database(settings)
    except Unusable:
        return best_moment(now) if settings.sample else now
    try:
        with database.reading() as conn:
            return present_in(conn, now)
    finally:
        database.close()


def _print(result: "SimulationResult", folder: Path) -> None:
    out = console()
    out.print(f"\n[bold]{result.days} days[/bold] from {result.start:%A %Y-%m-%d %H:%M} UTC")
    ended = result.places()
    said = Counter((one.effect.channel, one.effect.kind) for one in result.sent)
    out.print()
    print_table(table("Where they ended", ("status", "stage", ""), [(*place, n) for place, n in sorted(ended.items())]))
    out.print()
    print_table(table("What was said", ("channel", "step", ""), [(*what, n) for what, n in sorted(said.items())]))
    out.print(f"\nreport  {text(folder / 'report.md')}", soft_wrap=True)
