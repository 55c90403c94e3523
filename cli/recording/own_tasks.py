"""``first90 record KEY task``: work of one account besides its playbook."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from cli.options import At, By


def task(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What has to be done.")],
    by: By,
    side: Annotated[str, typer.Option("--side", metavar="SIDE", help="vendor, customer or third_party.")],
    owner: Annotated[
        str, typer.Option("--owner", metavar="OWNER", help="The role that does it, or the address of a person in one.")
    ],
    due: Annotated[str, typer.Option("--due", metavar="DAY", help="The day it is due: 2026-03-12.")],
    needed: Annotated[bool, typer.Option("--needed", help="Its stage is not left without it.")] = False,
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="The stage; without it the present one.", show_default=False)
    ] = "",
    internal: Annotated[bool, typer.Option("--internal", help="It is never named to the customer.")] = False,
    at: At = None,
) -> None:
    """Add a task for this account alone; it is done, undone and moved like a milestone.

    Of a third party's work OWNER is the role of ours that follows it up.

    Example: [bold]first90 record Acme task "Answer the security questionnaire" --side customer --owner it_security
    --due 2026-03-12 --needed[/bold]
    """
    from cli.commands.orders import reported, tell
    from onboarding.own_tasks.request import TaskRequest
    from tasks.commands.own_tasks import record_task

    asked = TaskRequest(title=title, side=side, owner=owner, due_on=due, needed=needed, stage=stage, internal=internal)
    with reported(by, at) as (context, report):
        tell(record_task(context, report, ctx.obj, asked))


COMMANDS: Mapping[str, Callable[..., Any]] = {"task": task}
