"""``first90 record KEY goal`` and its kin: what was promised to a customer, and what came of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.options import At, By, Unusable, moment, one_of
from onboarding.model.vocabulary import GoalKind, PromiseState, SurveyKind

Due = Annotated[
    datetime | None,
    typer.Option("--due", metavar="DAY", parser=moment, help="By when: 2026-05-31.", show_default=False),
]


def goal(
    ctx: typer.Context,
    metric: Annotated[str, typer.Option("--metric", metavar="TEXT", help="What is measured.")],
    baseline: Annotated[float, typer.Option("--baseline", metavar="NUMBER", help="Where it stands today.")],
    target: Annotated[float, typer.Option("--target", metavar="NUMBER", help="Where it shall be.")],
    unit: Annotated[str, typer.Option("--unit", metavar="TEXT", help="hours, %, deals ...")],
    due: Annotated[datetime, typer.Option("--due", metavar="DAY", parser=moment, help="By when: 2026-06-30.")],
    by: By,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="efficiency, cost, revenue or risk.", show_default=False),
    ] = None,
    money: Annotated[
        float | None,
        typer.Option("--money", metavar="NUMBER", help="What one unit is worth to the customer.", show_default=False),
    ] = None,
    currency: Annotated[str, typer.Option("--currency", metavar="ISO", help="Of that money: EUR, USD ...")] = "",
    signal: Annotated[str, typer.Option("--signal", metavar="NAME", help="Product signal that is the value.")] = "",
    at: At = None,
) -> None:
    """A measurable goal: from a baseline to a target by a date.

    Example: [bold]first90 record Acme goal --metric "quote turnaround" --baseline 48 --target 4 --unit
    hours --due 2026-06-30 --kind efficiency[/bold]
    """
    from cli.commands.orders import reported, tell
    from onboarding.model.state import Goal
    from tasks.commands import value_facts

    with reported(by, at) as (context, report):
        given = Goal(
            metric=metric,
            baseline=baseline,
            target=target,
            unit=unit,
            due=due.date(),
            at=report.happened_at,
            by=by,
            kind=one_of(GoalKind, kind, "kind of goal"),
            money=money,
            currency=currency,
            signal=signal,
        )
        tell(value_facts.record_goal(context, report, ctx.obj, given))


def goal_value(
    ctx: typer.Context,
    metric: Annotated[str, typer.Option("--metric", metavar="TEXT", help="The goal's metric.")],
    value: Annotated[float, typer.Option("--value", metavar="NUMBER", help="Where it stands.")],
    by: By,
    at: At = None,
) -> None:
    """Where a goal stands; mails tell its progress, and its outcome once its date has passed.

    Example: [bold]first90 record Acme goal-value --metric "quote turnaround" --value 6[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import value_facts

    with reported(by, at) as (context, report):
        tell(value_facts.record_goal_value(context, report, ctx.obj, metric, value))


def promise(
    ctx: typer.Context,
    said: Annotated[str, typer.Argument(metavar="TEXT|ID", help="What was promised, or the id that `show` lists.")],
    by: By,
    due: Due = None,
    kept: Annotated[bool, typer.Option("--kept", help="The promise was kept.")] = False,
    broken: Annotated[bool, typer.Option("--broken", help="The promise was broken.")] = False,
    at: At = None,
) -> None:
    """Something the customer was promised, or what became of it.

    Example: [bold]first90 record Acme promise "SSO before go-live" --due 2026-05-31[/bold], later
    [bold]first90 record Acme promise 3fa2c1 --kept[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import value_facts

    if kept and broken:
        raise Unusable("a promise is either kept or broken; give --kept or --broken")
    if due is not None and (kept or broken):
        raise Unusable("--due goes with a new promise; settle one with its id and --kept or --broken alone")
    with reported(by, at) as (context, report):
        if kept or broken:
            state = PromiseState.KEPT if kept else PromiseState.BROKEN
            tell(value_facts.settle_promise(context, report, ctx.obj, said, state))
        else:
            day = due.date() if due else None
            tell(value_facts.record_promise(context, report, ctx.obj, said, due=day))


def survey(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="ces, csat, nps, effort or satisfaction.")],
    score: Annotated[
        float,
        typer.Argument(
            metavar="SCORE",
            help="Higher is better: ces 1 to 7 (very easy), csat 1 to 5 (very satisfied), nps 0 to 10; effort and "
            "satisfaction 0 to 10.",
        ),
    ],
    by: By,
    person: Annotated[
        str | None, typer.Option("--person", metavar="EMAIL", help="Who answered.", show_default=False)
    ] = None,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help="What they wrote with it.")] = "",
    at: At = None,
) -> None:
    """An answer to a survey.

    Example: [bold]first90 record Acme survey ces 6 --person ana@acme.example[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import value_facts

    asked = one_of(SurveyKind, kind, "survey") or SurveyKind.CES
    with reported(by, at) as (context, report):
        tell(value_facts.record_survey(context, report, ctx.obj, asked, score, person=person, comment=comment))


def ticket(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="The ticket's id in the support tool.")],
    topic: Annotated[str, typer.Option("--topic", metavar="TEXT", help="What it is about: import, sso ...")],
    by: By,
    sentiment: Annotated[
        float | None,
        typer.Option("--sentiment", metavar="NUMBER", help="-1 (angry) to 1 (pleased).", show_default=False),
    ] = None,
    at: At = None,
) -> None:
    """A support ticket that no source reported; `--at` is when it was opened.

    Example: [bold]first90 record Acme ticket T-4711 --topic "data import"[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import value_facts

    with reported(by, at) as (context, report):
        tell(value_facts.record_ticket(context, report, ctx.obj, name, topic=topic, sentiment=sentiment))


def reply(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Who of the customer's people answered.")],
    by: By,
    confirms: Annotated[
        bool, typer.Option("--confirms-goals", help="They said that the goals on record are theirs.")
    ] = False,
    at: At = None,
) -> None:
    """One of the customer's people answered us.

    Example: [bold]first90 record Acme reply ana@acme.example[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import value_facts

    with reported(by, at) as (context, report):
        tell(value_facts.record_reply(context, report, ctx.obj, email, confirms=confirms))


COMMANDS: Mapping[str, Callable[..., Any]] = {
    "goal": goal,
    "goal-value": goal_value,
    "promise": promise,
    "survey": survey,
    "ticket": ticket,
    "reply": reply,
}
"""Each subcommand of ``record`` that this module holds, by its name."""
