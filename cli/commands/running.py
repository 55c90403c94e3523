"""``first90 run``: one whole cycle, for real or as a dry run."""

from typing import Annotated

import typer

from cli.options import AsJson, AsOf, By
from cli.printing import print_json, say


def run(
    by: By,
    as_of: AsOf = None,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="KEY", help="Only this account; may be repeated.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be decided and sent; touch nothing.")
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Without Prefect: the same work as plain calls.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run one whole cycle: intake, facts, five stages, check-ins, escalations, delivery, CRM.

    Example: [bold]first90 run --dry-run[/bold] to see what would happen, then [bold]first90 run[/bold]
    """
    from cli.logs import write_logs
    from cli.pages.outcome import compare, take_snapshot
    from cli.pages.summary import print_summary
    from config.settings.load import load_settings
    from flows.cycle import Cycle, run_cycle
    from tasks.runtime.adapters import check_input
    from tasks.runtime.context import open_run_context

    settings = load_settings()
    write_logs(as_json=settings.logs_as_json)
    check_input(settings)
    with open_run_context(settings, dry=dry_run) as context:
        moment = as_of or context.wall_clock()
        before = take_snapshot(context.database, moment)
        cycle = Cycle(as_of=moment, accounts=tuple(account or ()), by=by, plain=plain)
        report = run_cycle(context, cycle, say)
        outcome = compare(report, before, take_snapshot(context.database, moment))
    if as_json:
        print_json(outcome.as_json())
    else:
        print_summary(outcome, settings)
    if outcome.trouble:
        raise typer.Exit(1)
