"""``first90 approvals``: what waits for a second person; confirm it or refuse it."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.lazy import DefaultsToList
from cli.options import AsJson, By
from cli.printing import counted, print_json, print_lines
from cli.tables import when

app = typer.Typer(
    cls=DefaultsToList,
    add_completion=False,
    help="What waits for a second person, because the playbook says so (`four_eyes:`). Without a subcommand it is "
    "listed.\n\nExample: [bold]first90 approvals confirm 3fa291bc --by dana@example.com[/bold]",
)
Id = Annotated[str, typer.Argument(metavar="ID", help="A request as `first90 approvals` lists it.")]


@app.command("list")
def list_approvals(as_json: AsJson = False) -> None:
    """List what waits for a second person, the oldest first.

    Example: [bold]first90 approvals --json[/bold]
    """
    from datetime import UTC, datetime

    from cli.opening import reading
    from database.approvals import waiting
    from tasks.runtime.clock import present_in

    with reading() as conn:
        found = waiting(conn, present_in(conn, datetime.now(UTC)))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        print_lines(
            [f"{one.id}: {one.said}", f"  asked by {one.asked_by} ({one.asked_known}): {one.reason}".rstrip(" :")]
        )
        print_lines([f"  until {when(one.expires_at)}", ""])
    print_lines([counted(len(found), "request")])


@app.command()
def confirm(request: Id, by: By) -> None:
    """Confirm what another person asked for: it is done at once. Ends with 1 where a part of it was not done.

    Example: [bold]first90 approvals confirm 3fa291bc --by dana@example.com[/bold]
    """
    from cli.authorized import person_at
    from cli.commands.orders import ordered, tell
    from tasks.approvals import deciding

    with ordered(by) as (context, order):
        done = deciding.confirm(context, person_at(context.team, by), request, order.now)
        tell(done.said)
    if done.failed:
        raise typer.Exit(1)


@app.command()
def refuse(request: Id, by: By) -> None:
    """Refuse what another person asked for, or take back a request of your own.

    Example: [bold]first90 approvals refuse 3fa291bc --by dana@example.com[/bold]
    """
    from cli.authorized import person_at
    from cli.commands.orders import ordered, tell
    from tasks.approvals import deciding

    with ordered(by) as (context, order):
        tell(deciding.refuse(context, order, person_at(context.team, by), request))
