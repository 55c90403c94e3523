"""``first90 record KEY milestone NAME`` and the other facts that a person records. A repeat is harmless."""

from datetime import datetime
from typing import Annotated

import typer

from cli.options import At, By, Key, moment
from cli.recording import conflicts, learning, own_tasks, profiles, value

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Record a fact about an onboarding, now or as of when it happened.\n\n"
    'Example: [bold]first90 record "Acme Corp" milestone kickoff_held --at 2026-03-02T15:00Z[/bold]',
)
Role = Annotated[
    str,
    typer.Option(
        "--role",
        metavar="ROLE",
        help="executive_sponsor, champion, technical_admin, it_security, manager, economic_buyer or end_user.",
    ),
]


for part in (value, own_tasks, conflicts, profiles, learning):
    for name, command in part.COMMANDS.items():
        app.command(name)(command)


@app.callback()
def record(ctx: typer.Context, key: Key) -> None:
    """Keep the onboarding that is meant for the subcommand."""
    ctx.obj = key


@app.command()
def milestone(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `first90 playbook show` lists them.")],
    by: By,
    at: At = None,
    meeting_at: Annotated[
        datetime | None,
        typer.Option(
            "--meeting-at", metavar="TIME", parser=moment, help="When a call is agreed for.", show_default=False
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="It was not done after all.")] = False,
    no_show: Annotated[
        bool, typer.Option("--no-show", help="A call whose time has come did not take place: new times are offered.")
    ] = False,
    waived: Annotated[
        str | None,
        typer.Option("--not-applicable", metavar="REASON", help="It is not needed here, and why.", show_default=False),
    ] = None,
) -> None:
    """A milestone or a task was done, or a call was agreed, held or missed.

    Example: [bold]first90 record Acme milestone kickoff_booked --meeting-at 2026-03-05T14:00Z[/bold]
    """
    from cli.commands.orders import reported, tell
    from onboarding.acts import Act
    from tasks.approvals.asking import second_person
    from tasks.commands import facts

    if sum([no_show, undo, waived is not None, meeting_at is not None]) > 1:
        raise typer.BadParameter("give one of --meeting-at, --no-show, --undo and --not-applicable at a time")
    with reported(by, at) as (context, report):
        if no_show:
            tell(facts.record_missed_call(context, report, ctx.obj, name))
        elif waived is not None:
            words = {"milestone": name, "why": waived}
            waits = second_person(context, report, Act.NOT_APPLICABLE, words, ctx.obj)
            tell(waits or facts.waive_milestone(context, report, ctx.obj, name, waived))
        elif undo:
            tell(facts.take_back_milestone(context, report, ctx.obj, name))
        elif meeting_at is not None:
            tell(facts.record_meeting(context, report, ctx.obj, name, meeting_at))
        else:
            tell(facts.record_milestone(context, report, ctx.obj, name))


@app.command()
def due(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `first90 playbook show` lists them.")],
    day: Annotated[datetime, typer.Argument(metavar="DAY", parser=moment, help="The agreed day: 2026-03-12.")],
    by: By,
) -> None:
    """Another due date of a milestone was agreed, as one proposed on the plan page.

    Example: [bold]first90 record Acme due security_review 2026-03-12[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import facts

    with reported(by, None) as (context, report):
        tell(facts.record_due(context, report, ctx.obj, name, day.date()))


@app.command()
def handoff(
    ctx: typer.Context,
    item: Annotated[
        str,
        typer.Argument(metavar="ITEM", help="goals, success_metrics, commitments, technical_requirements or timeline."),
    ],
    said: Annotated[str, typer.Argument(metavar="TEXT", help="What sales knows.")],
    by: By,
    at: At = None,
) -> None:
    """One of the five items that sales hands over.

    Example: [bold]first90 record Acme handoff commitments "SSO by the end of May"[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import facts

    with reported(by, at) as (context, report):
        tell(facts.record_handoff(context, report, ctx.obj, item, said))


@app.command()
def stakeholder(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="One of the account's contacts.")],
    role: Role,
    by: By,
    left: Annotated[bool, typer.Option("--left", help="They no longer play this part.")] = False,
    at: At = None,
) -> None:
    """Who plays which part at the customer.

    Example: [bold]first90 record Acme stakeholder ana@acme.example --role champion[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import facts

    with reported(by, at) as (context, report):
        tell(facts.record_stakeholder(context, report, ctx.obj, email, role, left=left))


@app.command()
def signal(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As the playbook names it: login, task_completed ...")],
    by: By,
    user: Annotated[str, typer.Option("--user", metavar="USER", help="Who did it.")] = "",
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="How often.")] = 1,
    at: At = None,
) -> None:
    """Product usage that no source reported.

    Example: [bold]first90 record Acme signal login --user ana --at 2026-03-02T08:15Z[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import facts

    with reported(by, at) as (context, report):
        tell(facts.record_signal(context, report, ctx.obj, name, user=user, count=count))


@app.command()
def bounce(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address that took no mail.")],
    by: By,
    at: At = None,
) -> None:
    """A mail came back: nothing more is sent to this address.

    Example: [bold]first90 record Acme bounce ana@acme.example[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import facts

    with reported(by, at) as (context, report):
        tell(facts.record_bounce(context, report, ctx.obj, email))


@app.command()
def note(
    ctx: typer.Context,
    said: Annotated[str, typer.Argument(metavar="TEXT", help="What others should know.")],
    by: By,
    at: At = None,
) -> None:
    """A note for the journal; it decides nothing.

    Example: [bold]first90 record Acme note "New CFO starts in May"[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import facts

    with reported(by, at) as (context, report):
        tell(facts.record_note(context, report, ctx.obj, said))
