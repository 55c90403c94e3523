"""Decisions of a person about an onboarding, each noted in the journal with its reason."""

from datetime import datetime
from typing import Annotated

import typer

from cli.options import By, Key, Reason, Unusable, moment, tier_of

Resume = Annotated[
    str,
    typer.Option(
        "--resume",
        metavar="HOW",
        help="Afterwards: shift moves all dates by the time held, catch-up keeps them, skip drops what fell into it.",
    ),
]

OnePerson = Annotated[
    str | None,
    typer.Option("--person", metavar="EMAIL", show_default="the whole onboarding", help="Only this reader."),
]


def adopt(
    by: By,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Account ids, deal ids, or account names.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait to be adopted.")] = False,
    welcome: Annotated[bool, typer.Option("--welcome", help="Send the welcome all the same.")] = False,
) -> None:
    """Take over an onboarding that was under way before we saw it, or that another installation knew.

    Example: [bold]first90 adopt "Acme Corp" --welcome --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import onboardings

    if bool(keys) == everything:
        raise Unusable("name the onboardings to adopt, or say --all")
    with ordered(by) as (context, order):
        tell(onboardings.adopt(context, order, None if everything else keys, welcome=welcome))


def hold(
    key: Key,
    reason: Reason,
    by: By,
    until: Annotated[
        datetime | None,
        typer.Option("--until", metavar="TIME", parser=moment, show_default="resumed by hand", help="It ends then."),
    ] = None,
    resume: Resume = "shift",
    person: OnePerson = None,
) -> None:
    """Stop the clock: nothing is sent and nothing stalls; facts still count. With --person for one reader alone.

    Example: [bold]first90 hold Acme --reason "merger" --by jo@example.com --until 2026-04-01[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import onboardings
    from tasks.commands.person_holds import hold_person

    if person is not None:
        if until is not None or resume != "shift":
            raise Unusable("a hold of one person has no --until and no --resume; `first90 resume --person` ends it")
        with ordered(by, reason) as (context, order):
            tell(hold_person(context, order, key, person))
        return

    if resume not in ("shift", "catch-up", "skip"):
        raise typer.BadParameter(f"{resume!r} is no way to resume; use shift, catch-up or skip")
    with ordered(by, reason) as (context, order):
        tell(onboardings.hold(context, order, key, until=until, resume=resume))


def resume(key: Key, by: By, person: OnePerson = None) -> None:
    """Let the clock run again after a hold, or write to one person again.

    Example: [bold]first90 resume Acme --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import onboardings
    from tasks.commands.person_holds import resume_person

    with ordered(by) as (context, order):
        if person is not None:
            tell(resume_person(context, order, key, person))
            return
        tell(onboardings.resume(context, order, key))


def skip_stage(key: Key, reason: Reason, by: By) -> None:
    """Leave the stage it is in although its exit criteria do not hold.

    Example: [bold]first90 skip-stage Acme --reason "went live in the pilot" --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from onboarding.acts import Act
    from tasks.approvals.asking import second_person
    from tasks.commands import onboardings

    with ordered(by, reason) as (context, order):
        if (waits := second_person(context, order, Act.SKIP_STAGE, {}, key)) is not None:
            tell(waits)
            return
        tell(onboardings.skip_stage(context, order, key))


def reassign(
    key: Key,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="account_executive, csm, onboarding_specialist, implementation_engineer, cs_manager or "
            "executive_sponsor.",
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="EMAIL", help="Who plays it from now on.")],
    by: By,
    reason: Reason = "",
) -> None:
    """Give one of our roles to somebody else.

    Example: [bold]first90 reassign Acme --role csm --to sam@example.com --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import onboardings

    with ordered(by, reason) as (context, order):
        tell(onboardings.reassign(context, order, key, role, to.strip()))


def away(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="One of our people, as in the CRM.")],
    by: By,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar="DAY", parser=moment, help="The first day back.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", metavar="DAY", parser=moment, show_default="today", help="The first day away."),
    ] = None,
    backup: Annotated[
        str | None,
        typer.Option("--backup", metavar="EMAIL", show_default="the team file's", help="Who covers meanwhile."),
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Back today, earlier than was said.")] = False,
) -> None:
    """One of our people is away: their backup gets new work, alerts and replies until they are back.

    Example: [bold]first90 away lea@example.com --until 2027-01-04 --backup jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import absences

    if back == (until is not None) or (back and (since or backup)):
        raise Unusable("say --until DAY, the first day back, with --from and --backup where needed; or --back alone")
    with ordered(by) as (context, order):
        if until is None:
            tell(absences.come_back(context, order, email))
            return
        leave = absences.Leave(until=until.date(), since=since.date() if since else None, backup=backup)
        tell(absences.go_away(context, order, email, leave))


def retier(
    key: Key,
    to: Annotated[str, typer.Option("--to", metavar="TIER", help="The name of a tier that has a playbook.")],
    reason: Reason,
    by: By,
) -> None:
    """Move it to another tier; the rules' own choice is overruled from now on.

    Example: [bold]first90 retier Acme --to high --reason "board-level deal" --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from onboarding.acts import Act
    from tasks.approvals.asking import second_person
    from tasks.commands import onboardings

    with ordered(by, reason) as (context, order):
        tier = tier_of(to, context.library)
        if (waits := second_person(context, order, Act.RETIER, {"to": str(tier)}, key)) is not None:
            tell(waits)
            return
        tell(onboardings.retier(context, order, key, to))


def close(
    key: Key,
    as_: Annotated[str, typer.Option("--as", metavar="HOW", help="churned or cancelled.")],
    reason: Reason,
    by: By,
) -> None:
    """End it: what is still owed is given up.

    Example: [bold]first90 close Acme --as churned --reason "company wound up" --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from onboarding.acts import Act
    from tasks.approvals.asking import second_person
    from tasks.commands import onboardings

    if as_ not in ("churned", "cancelled"):
        raise typer.BadParameter(f"{as_!r} is no way to close; use churned or cancelled")
    with ordered(by, reason) as (context, order):
        if (waits := second_person(context, order, Act.CLOSE, {"as": as_}, key)) is not None:
            tell(waits)
            return
        tell(onboardings.close(context, order, key, as_))
