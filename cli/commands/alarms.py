"""Commands about escalations, as from Slack, and the global stop."""

from datetime import datetime
from typing import Annotated

import typer

from cli.options import By, Key, Reason, moment, one_of

Only = Annotated[
    str | None,
    typer.Option("--channel", metavar="CHANNEL", help="mail, slack or crm; default: all.", show_default=False),
]


def ack(key: Key, by: By) -> None:
    """Say that somebody is on it: its escalation rests for a while.

    Example: [bold]first90 ack Acme --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import onboardings

    with ordered(by) as (context, order):
        tell(onboardings.ack(context, order, key))


def snooze(
    key: Key,
    until: Annotated[datetime, typer.Option("--until", metavar="TIME", parser=moment, help="It rests until then.")],
    by: By,
) -> None:
    """Let its escalation rest until a moment.

    Example: [bold]first90 snooze Acme --until 2026-03-09 --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import onboardings

    with ordered(by) as (context, order):
        tell(onboardings.snooze(context, order, key, until))


def resolve(key: Key, reason: Reason, by: By) -> None:
    """Close its escalation although the cause is still seen.

    Example: [bold]first90 resolve Acme --reason "they are on holiday, all is agreed" --by
    jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.commands import onboardings

    with ordered(by, reason) as (context, order):
        tell(onboardings.resolve(context, order, key))


def stop(reason: Reason, by: By, channel: Only = None) -> None:
    """Let nothing leave until it is started again; facts and decisions go on.

    Example: [bold]first90 stop --channel mail --reason "wrong template"[/bold]
    """
    from cli.commands.orders import ordered, tell
    from onboarding.acts import Act
    from onboarding.model.vocabulary import Channel
    from tasks.approvals.asking import second_person
    from tasks.commands import deliveries

    with ordered(by, reason) as (context, order):
        only = one_of(Channel, channel, "channel")
        if (waits := second_person(context, order, Act.STOP, {"channel": only or ""})) is not None:
            tell(waits)
            return
        tell(deliveries.stop(context, order, only))


def start(by: By, channel: Only = None) -> None:
    """Let messages leave again after a stop.

    Example: [bold]first90 start[/bold]
    """
    from cli.commands.orders import ordered, tell
    from onboarding.acts import Act
    from onboarding.model.vocabulary import Channel
    from tasks.approvals.asking import second_person
    from tasks.commands import deliveries

    with ordered(by) as (context, order):
        only = one_of(Channel, channel, "channel")
        if (waits := second_person(context, order, Act.START, {"channel": only or ""})) is not None:
            tell(waits)
            return
        tell(deliveries.start(context, order, only))
