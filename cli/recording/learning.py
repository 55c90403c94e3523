"""``first90 record KEY advocate`` and ``lesson``: what is kept for after the onboarding."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from cli.options import At, By, one_of
from onboarding.model.vocabulary import Advocacy, Stage


def advocate(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="One of the account's contacts.")],
    kind: Annotated[str, typer.Option("--as", metavar="KIND", help="reference, case_study or referral.")],
    by: By,
    consent: Annotated[bool, typer.Option("--consent", help="They agreed to it.")] = False,
    at: At = None,
) -> None:
    """A contact who may speak for us; without `--consent` they have not agreed yet.

    Example: [bold]first90 record Acme advocate ana@acme.example --as reference --consent[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import learning_facts

    asked = one_of(Advocacy, kind, "kind of advocate") or Advocacy.REFERENCE
    with reported(by, at) as (context, report):
        tell(learning_facts.record_advocate(context, report, ctx.obj, email, asked, consent=consent))


def lesson(
    ctx: typer.Context,
    said: Annotated[str, typer.Argument(metavar="TEXT", help="What the next onboarding should do differently.")],
    by: By,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="STAGE", help="The stage that it is about.", show_default=False)
    ] = None,
    at: At = None,
) -> None:
    """What this onboarding taught; `first90 lessons` lists all of them.

    Example: [bold]first90 record Acme lesson "Ask for the security questionnaire at the kickoff" --stage setup[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import learning_facts

    with reported(by, at) as (context, report):
        tell(learning_facts.record_lesson(context, report, ctx.obj, said, one_of(Stage, stage, "stage")))


COMMANDS: Mapping[str, Callable[..., Any]] = {"advocate": advocate, "lesson": lesson}
"""Each subcommand of ``record`` that this module holds, by its name."""
