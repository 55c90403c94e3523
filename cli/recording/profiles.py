"""``first90 record KEY profile`` and ``buy-in``: what matters to a customer's people, and where they stand."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from cli.options import At, By, one_of


def profile(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="One of the customer's people.")],
    item: Annotated[
        str,
        typer.Argument(metavar="ITEM", help="priorities, concerns, pain_points or success (as they define it)."),
    ],
    said: Annotated[str, typer.Argument(metavar="TEXT", help="In their words: they read it on their own plan page.")],
    by: By,
    at: At = None,
) -> None:
    """What matters to a person: then nobody asks them for it again.

    Example: [bold]first90 record Acme profile ana@acme.example concerns "The data migration"[/bold]
    """
    from cli.commands.orders import reported, tell
    from onboarding.model.parties import ProfileItem
    from tasks.profiles import record_profile

    asked = one_of(ProfileItem, item, "item of a profile") or ProfileItem.PRIORITIES
    with reported(by, at) as (context, report):
        tell(record_profile(context, report, ctx.obj, email, (asked, said)))


def buy_in(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="One of the customer's people.")],
    stands: Annotated[str, typer.Argument(metavar="STATE", help="supportive, neutral, opposed or unknown.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What they said or did.")],
    by: By,
    at: At = None,
) -> None:
    """Where a decision maker stands; who is against it is told to the owner. The customer never reads it.

    Example: [bold]first90 record Acme buy-in eva@acme.example opposed --why "No budget after May"[/bold]
    """
    from cli.commands.orders import reported, tell
    from onboarding.model.parties import BuyIn
    from tasks.profiles import record_buy_in

    state = one_of(BuyIn, stands, "state of buy-in") or BuyIn.UNKNOWN
    with reported(by, at) as (context, report):
        tell(record_buy_in(context, report, ctx.obj, email, (state, why)))


COMMANDS: Mapping[str, Callable[..., Any]] = {"profile": profile, "buy-in": buy_in}
