"""Commands about effects: what was and is owed to the outside world, and a person's word on a single one."""

from typing import Annotated, Any

import typer

from cli.lazy import DefaultsToList
from cli.options import AsJson, By, Reason, one_of
from cli.printing import console, print_json, when

app = typer.Typer(
    cls=DefaultsToList,
    add_completion=False,
    help="What was and is owed: mails, Slack messages, CRM rows. Without a subcommand it lists them.\n\n"
    'Example: [bold]first90 effects "Acme Corp" --state dead[/bold]',
)
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Effects as `first90 effects` lists them.")]


@app.command("list")
def list_effects(
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="Account id, deal id, or account name.", show_default=False)
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(metavar="STATE", help="planned, leased, sending, sent, unknown, dead, cancelled or withheld."),
    ] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help="mail, slack or crm.")] = None,
    as_json: AsJson = False,
) -> None:
    """List effects by due date, with their ids.

    Example: [bold]first90 effects --state unknown --channel mail[/bold]
    """
    from cli.opening import looking
    from database.lookup import find_onboarding
    from database.queries import effect_lines
    from onboarding.words import Channel, EffectState

    wanted_state = one_of(EffectState, state, "state")
    wanted_channel = one_of(Channel, channel, "channel")
    with looking() as conn:
        onboarding = find_onboarding(conn, key) if key else None
        lines = effect_lines(conn, onboarding_key=onboarding, state=wanted_state, channel=wanted_channel)
    if as_json:
        print_json(lines)
        return
    _print(lines)


@app.command()
def retry(ids: Ids, by: By, reason: Reason = "") -> None:
    """Send again what was refused for good or is in doubt, at the next delivery.

    Example: [bold]first90 effects retry 0065g00000AbCdEFGH:welcome:1:mail:0035g00000XyZ --by
    jo@example.com[/bold]
    """
    from cli.desk import at_the_desk, report
    from tasks import desk

    with at_the_desk() as (place, now):
        done = desk.retry_effects(place, ids, reason=reason, by=by, now=now)
    report("will be sent again", ids, done)


@app.command()
def cancel(ids: Ids, by: By, reason: Reason = "") -> None:
    """Give up what has not left yet.

    Example: [bold]first90 effects cancel ID --reason "they asked us not to"[/bold]
    """
    from cli.desk import at_the_desk, report
    from tasks import desk

    with at_the_desk() as (place, now):
        done = desk.cancel_effects(place, ids, reason=reason, by=by, now=now)
    report("cancelled", ids, done)


@app.command()
def sent(id_: Annotated[str, typer.Argument(metavar="ID")], reason: Reason, by: By) -> None:
    """Settle a doubt: it did arrive, and will not be sent again.

    Example: [bold]first90 effects sent ID --reason "seen in their inbox" --by jo@example.com[/bold]
    """
    from cli.desk import at_the_desk, report
    from tasks import desk

    with at_the_desk() as (place, now):
        done = desk.mark_sent(place, id_, reason=reason, by=by, now=now)
    report("marked as sent", [id_], done)


def _print(lines: list[Any]) -> None:
    out = console()
    if not lines:
        out.print("nothing")
        return
    for line in lines:
        at = f"sent {when(line['sent_at'])}" if line["sent_at"] else f"due {when(line['due_at'])}"
        out.print(f"[bold]{line['state']}[/bold] {line['channel']} {line['kind']}, {at}", end="")
        out.print(f", {line['attempts']} tries" if line["attempts"] > 1 else "")
        out.print(f"  to {line['recipient']} ({line['role']})", markup=False)
        out.print(f"  {line['key']}", style="dim", markup=False, soft_wrap=True)
        for said in (line["because"], line["error"]):
            if said:
                out.print(f"  {said}", markup=False)
    out.print(f"\n{len(lines)} effects")
