"""``first90 record KEY advocate``, ``lesson``, ``renewal``, ``aim``: what counts beyond the onboarding."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from cli.options import At, By, one_of
from onboarding.model.vocabulary import Advocacy, RenewalOutlook, Stage


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


def renewal(
    ctx: typer.Context,
    outlook: Annotated[str, typer.Argument(metavar="OUTLOOK", help="renew, expand or at_risk.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What it rests on.")],
    by: By,
    at: At = None,
) -> None:
    """What is expected at the renewal, as the risk review asks it in Slack; the last report holds.

    Example: [bold]first90 record Acme renewal at_risk --why "Their sponsor left in May"[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import learning_facts

    asked = one_of(RenewalOutlook, outlook, "outlook") or RenewalOutlook.RENEW
    with reported(by, at) as (context, report):
        tell(learning_facts.record_renewal(context, report, ctx.obj, asked, why))


def aim(
    ctx: typer.Context,
    said: Annotated[str, typer.Argument(metavar="TEXT", help="In the customer's words.")],
    kind: Annotated[str, typer.Option("--as", metavar="KIND", help="objective or capability.")],
    by: By,
    at: At = None,
) -> None:
    """What stands above the goals: the objective of their business, or the one capability for which they bought.

    Example: [bold]first90 record Acme aim "Quotes out of Salesforce in one click" --as capability[/bold]
    """
    from cli.commands.orders import reported, tell
    from onboarding.facts.goal_words import Aim
    from tasks.commands import learning_facts

    asked = one_of(Aim, kind, "kind of aim") or Aim.OBJECTIVE
    with reported(by, at) as (context, report):
        tell(learning_facts.record_aim(context, report, ctx.obj, said, asked))


COMMANDS: Mapping[str, Callable[..., Any]] = {"advocate": advocate, "lesson": lesson, "renewal": renewal, "aim": aim}
"""Each subcommand of ``record`` that this module holds, by its name."""
