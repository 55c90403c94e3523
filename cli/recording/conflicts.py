"""``first90 record KEY conflict``: two priorities of a customer that clash, and what was decided."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from cli.options import At, By, Unusable


def conflict(
    ctx: typer.Context,
    this: Annotated[str, typer.Argument(metavar="THIS|ID", help="One side, or the id of a conflict to decide.")],
    by: By,
    other: Annotated[
        str | None, typer.Option("--with", metavar="TEXT", help="What it clashes with.", show_default=False)
    ] = None,
    decided: Annotated[
        str | None, typer.Option("--decided", metavar="TEXT", help="What goes first, and who said so.")
    ] = None,
    at: At = None,
) -> None:
    """Two priorities of the customer clash; their executive sponsor is asked by mail, or else the owner asks.

    Example: [bold]first90 record Acme conflict "CRM migration" --with "the audit in May"[/bold], later
    [bold]first90 record Acme conflict 3fa2c1 --decided "Ms Brandt: the audit goes first"[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.clashes import decide_conflict, record_conflict

    if (other is None) == (decided is None):
        raise Unusable("say what it clashes with (--with TEXT), or what was decided (--decided TEXT), not both")
    with reported(by, at) as (context, report):
        if decided is not None:
            tell(decide_conflict(context, report, ctx.obj, this, decided))
        else:
            tell(record_conflict(context, report, ctx.obj, this, other or ""))


COMMANDS: Mapping[str, Callable[..., Any]] = {"conflict": conflict}
