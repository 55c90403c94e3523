"""Commands about effects: list them, retry, cancel or mark single ones as sent."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cli.lazy import DefaultsToList
from cli.options import AsJson, By, Reason, Unusable, one_of
from cli.printing import console, counted, print_json, print_lines
from cli.tables import when

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from onboarding.model.vocabulary import EffectState
    from tasks.runtime.context import RunContext

app = typer.Typer(
    cls=DefaultsToList,
    add_completion=False,
    help="What was and is owed: mails, Slack messages, CRM rows. Without a subcommand it lists them.\n\n"
    'Example: [bold]first90 effects "Acme Corp" --state dead[/bold]',
)
SomeIds = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Effects as `first90 effects` lists them.", show_default=False),
]
OfState = Annotated[str | None, typer.Option("--state", metavar="STATE", help="Instead of ids: all in this state.")]
OfChannel = Annotated[
    str | None, typer.Option("--channel", metavar="CHANNEL", help="Of these mail, slack or crm alone.")
]
OfError = Annotated[
    str | None, typer.Option("--error", metavar="TEXT", help="Of these whose error holds this, as STORAGE_LIMIT.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it they are listed and counted.")]
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
    ids: SomeIds = None,
    state: OfState = None,
    channel: OfChannel = None,
    error: OfError = None,
    yes: Yes = False,
    reason: Reason = "",
) -> None:
    """Send again what was refused for good or is in doubt, at the next delivery.

    By id, or all of a kind: --state with --channel and --error lists and counts them, and sends them again with
    --yes and a reason.

    Example: [bold]first90 effects retry 0065g00000AbCdEFGH:welcome:1:mail:0035g00000XyZ --by
    jo@example.com[/bold]

    [bold]first90 effects retry --state dead --channel crm --error MAINTENANCE --reason "it is over" --yes[/bold]
    """
    from cli.commands.orders import ordered
    from database.onboardings.repairs import RETRIED
    from tasks.commands import deliveries

    with ordered(by, reason) as (context, order):
        chosen = _chosen(context, ids, Kind(state, channel, error), RETRIED)
        _settle(
            chosen,
            "will be sent again at the next delivery",
            yes,
            lambda found: deliveries.retry_effects(context, order, found),
            reason,
        )


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
def sent(
    by: By,
    ids: SomeIds = None,
    state: OfState = None,
    channel: OfChannel = None,
    error: OfError = None,
    yes: Yes = False,
    reason: Reason = "",
) -> None:
    """Settle a doubt: it did arrive, and will not be sent again.

    By id, or all of a kind, as with `retry`: after a restored backup all that left since.

    Example: [bold]first90 effects sent ID --reason "seen in their inbox" --by jo@example.com[/bold]

    [bold]first90 effects sent --state unknown --error "database was restored" --reason "as the server's log says"
    --yes[/bold]
    """
    from cli.commands.orders import ordered
    from database.onboardings.repairs import CONFIRMED
    from tasks.commands import deliveries

    with ordered(by, reason) as (context, order):
        chosen = _chosen(context, ids, Kind(state, channel, error), CONFIRMED)
        _settle(chosen, "marked as sent", yes, lambda found: deliveries.mark_sent(context, order, found), reason)


class Kind(NamedTuple):
    """Which effects are meant, where no ids are given."""

    state: str | None
    channel: str | None
    error: str | None


class Chosen(NamedTuple):
    """The effects that a person chose: by their ids, or all of a kind (``lines``)."""

    ids: list[str]
    lines: list[Any] | None = None


def _chosen(context: "RunContext", ids: list[str] | None, kind: Kind, allowed: "Sequence[EffectState]") -> Chosen:
    """Return the effects that are meant. Raises Unusable for a choice that cannot be made."""
    from database.onboardings.overview import effect_lines
    from onboarding.model.vocabulary import Channel, EffectState

    if bool(ids) == any(one is not None for one in kind):
        raise Unusable("give the ids of effects, or --state with --channel and --error; not both")
    if ids:
        return Chosen(ids)
    state, channel = one_of(EffectState, kind.state, "state"), one_of(Channel, kind.channel, "channel")
    if state not in allowed:
        known = ", ".join(word.value for word in allowed)
        raise Unusable(f"--state is missing, or does not allow it; use one of {known}")
    if kind.error is not None and not kind.error.strip():
        raise Unusable("--error is empty; give a part of the error that `first90 effects` shows")
    with context.database.reading() as conn:
        lines = effect_lines(conn, state=state, channel=channel, error=kind.error)
    return Chosen([line["key"] for line in lines], lines)


def _settle(
    chosen: Chosen, verb: str, yes: bool, settle: "Callable[[Sequence[str]], Collection[str]]", reason: str
) -> None:
    """Settle what is chosen and print it; all of a kind are only listed without ``--yes``. Raises Unusable."""
    from cli.commands.orders import report, tell

    if chosen.lines is None:
        report(verb, chosen.ids, settle(chosen.ids))
        return
    if not yes or not chosen.lines:
        _print(chosen.lines)
        if chosen.lines:
            tell('Nothing was changed. To do it: the same with --reason "..." --yes')
        return
    if not reason.strip():
        raise Unusable("--reason is missing; say why, it stands in the journal")
    tell(f"{len(settle(chosen.ids))} {verb}.")


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
