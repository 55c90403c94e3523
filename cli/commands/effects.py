"""Commands about effects: list them, retry, cancel or mark single ones as sent."""

from typing import Annotated, Any

import typer

from cli.lazy import DefaultsToList
from cli.options import AsJson, By, Reason, one_of
from cli.printing import console, counted, print_json, print_lines
from cli.tables import when

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
    from cli.opening import reading
    from database.onboardings.lookup import find_onboarding
    from database.onboardings.overview import effect_lines
    from onboarding.model.vocabulary import Channel, EffectState

    wanted_state = one_of(EffectState, state, "state")
    wanted_channel = one_of(Channel, channel, "channel")
    with reading() as conn:
        onboarding = find_onboarding(conn, key) if key else None
        lines = effect_lines(conn, onboarding_key=onboarding, state=wanted_state, channel=wanted_channel)
    if as_json:
        print_json(lines)
        return
    _print(lines)


@app.command()
def retry(
    by: By,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Effects as `first90 effects` lists them.", show_default=False),
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="Instead of ids: all that are dead, unknown or planned.")
    ] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help="Of these mail, slack or crm alone.")] = None,
    error: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Of these whose error holds this, as STORAGE_LIMIT.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it they are listed and counted.")] = False,
    reason: Reason = "",
) -> None:
    """Send again what was refused for good or is in doubt, at the next delivery.

    By id, or all of a kind: --state with --channel and --error lists and counts them, and sends them again with
    --yes and a reason.

    Example: [bold]first90 effects retry 0065g00000AbCdEFGH:welcome:1:mail:0035g00000XyZ --by
    jo@example.com[/bold]

    [bold]first90 effects retry --state dead --channel crm --error MAINTENANCE --reason "it is over" --yes[/bold]
    """
    from cli.commands.orders import ordered, report, tell
    from cli.options import Unusable
    from database.onboardings.overview import effect_lines
    from database.onboardings.repairs import RETRIED
    from onboarding.model.vocabulary import Channel, EffectState
    from tasks.commands import deliveries

    filtered = any(one is not None for one in (state, channel, error))
    if bool(ids) == filtered:
        raise Unusable("give the ids of effects, or --state with --channel and --error; not both")
    if ids:
        with ordered(by, reason) as (context, order):
            done = deliveries.retry_effects(context, order, ids)
        report("will be sent again", ids, done)
        return
    wanted_state, wanted_channel = one_of(EffectState, state, "state"), one_of(Channel, channel, "channel")
    if wanted_state not in RETRIED:
        known = ", ".join(word.value for word in RETRIED)
        raise Unusable(f"--state is missing, or cannot be sent again; use one of {known}")
    if error is not None and not error.strip():
        raise Unusable("--error is empty; give a part of the error that `first90 effects` shows")
    with ordered(by, reason) as (context, order):
        with context.database.reading() as conn:
            lines = effect_lines(conn, state=wanted_state, channel=wanted_channel, error=error)
        if not yes or not lines:
            _print(lines)
            if lines:
                tell('Nothing was changed. To send them again: the same with --reason "..." --yes')
            return
        if not reason.strip():
            raise Unusable("--reason is missing; say why these are sent again, it stands in the journal")
        found = [line["key"] for line in lines]
        done = deliveries.retry_effects(context, order, found)
    tell(f"{len(done)} will be sent again at the next delivery.")


@app.command()
def cancel(ids: Ids, by: By, reason: Reason = "") -> None:
    """Give up what has not left yet.

    Example: [bold]first90 effects cancel ID --reason "they asked us not to"[/bold]
    """
    from cli.commands.orders import ordered, report
    from tasks.commands import deliveries

    with ordered(by, reason) as (context, order):
        done = deliveries.cancel_effects(context, order, ids)
    report("cancelled", ids, done)


@app.command()
def sent(id_: Annotated[str, typer.Argument(metavar="ID")], reason: Reason, by: By) -> None:
    """Settle a doubt: it did arrive, and will not be sent again.

    Example: [bold]first90 effects sent ID --reason "seen in their inbox" --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, report
    from tasks.commands import deliveries

    with ordered(by, reason) as (context, order):
        done = deliveries.mark_sent(context, order, id_)
    report("marked as sent", [id_], done)


def _print(lines: list[Any]) -> None:
    out = console()
    if not lines:
        out.print("nothing")
        return
    for line in lines:
        said = "" if line["state"] == "sent" else "sent " if line["sent_at"] else "due "
        at = f"{said}{when(line['sent_at'] or line['due_at'])}"
        out.print(f"[bold]{line['state']}[/bold] {line['channel']} {line['kind']}, {at}", end="")
        out.print(f", {line['attempts']} tries" if line["attempts"] > 1 else "")
        role = f" ({line['role']})" if line["role"] else ""
        out.print(f"  to {line['recipient']}{role}", markup=False)
        out.print(f"  {line['key']}", style="dim", markup=False, soft_wrap=True)
        print_lines(f"  {said}" for said in (line["because"], line["error"]) if said)
    out.print(f"\n{counted(len(lines), 'effect')}")
