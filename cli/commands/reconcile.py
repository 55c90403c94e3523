"""``first90 reconcile``: shows and mends differences between the CRM and this database."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, By
from cli.printing import console, print_json, text

if TYPE_CHECKING:
    from onboarding.crm.drift import Difference
    from tasks.intake.reconcile import Reconciliation


def reconcile(
    by: By,
    fix: Annotated[
        bool, typer.Option("--fix", help="Take back what is theirs, and plan to write what is ours.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare our rows in the CRM with what we last wrote and with what they should say now.

    Without [bold]--fix[/bold] it changes nothing. With it, what people changed there is taken back, and what is ours
    is written at the next delivery; rows that are nobody's are left to a person.

    Example: [bold]first90 reconcile --fix --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered
    from tasks.intake.reconcile import reconcile as compare

    with ordered(by) as (context, order):
        found = compare(context, order.now, fix=fix, by=order.by)
    if as_json:
        print_json(found)
    else:
        _print(found, fix=fix)
    if found.failures:
        raise typer.Exit(1)


def _print(found: "Reconciliation", *, fix: bool) -> None:
    out = console()
    for one in found.differences:
        out.print(f"[bold]{one.kind}[/bold] {text(one.key or one.place)} {text(_said(one))}", soft_wrap=True)
    for failure in found.failures:
        out.print(f"[bold]failed[/bold] {text(failure.where)}: {text(failure.error)}", soft_wrap=True)
    out.print(f"{len(found.differences)} differences in {found.rows} rows of {found.onboardings} onboardings", end="")
    out.print(f"; {found.blocked} blocked ones left out" if found.blocked else "")
    if fix:
        out.print(f"{found.queued} rows will be written at the next delivery; {found.taken_back} onboardings learned")
    elif found.differences:
        out.print("[dim]first90 reconcile --fix takes back what is theirs and writes what is ours[/dim]")


def _said(one: "Difference") -> str:
    mend = {"write": "we write it", "take back": "theirs counts", "wait": "a write is owed", "a person": "look at it"}
    if not one.field:
        return f"({one.object}): {one.told}; {mend[one.mend]}"
    side = {"ours": "changed here", "theirs": "changed there", "both": "changed on both sides"}[one.side]
    return f"{one.field}: {side}; there {one.theirs!r}, here {one.ours!r}, last {one.written!r}; {mend[one.mend]}"
