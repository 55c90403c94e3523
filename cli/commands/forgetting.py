"""``first90 forget``: erases a person and shows that it worked."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from cli.options import AsJson, By, Reason


def forget(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Mail address, or the contact's id in the CRM.")],
    reason: Reason,
    by: By,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count where the person stands.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person from state, effects, kept copies and journal, for good.

    Erase them in the CRM too: first90 does not write there, but it will not take them in again.

    Example: [bold]first90 forget ana@acme.example --reason "her request of 2 March" --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from cli.printing import console, print_json
    from onboarding.acts import Act
    from tasks.approvals.asking import second_person
    from tasks.commands.erasure import forget as forget_person

    with ordered(by, reason) as (context, order):
        if not dry_run and (waits := second_person(context, order, Act.FORGET, {"person": person.strip()})) is not None:
            tell(waits)
            return
        done = forget_person(context, order, person, dry_run=dry_run)
    if as_json:
        print_json(asdict(done))
    else:
        out = console()
        if dry_run:
            out.print(
                f"Stands {sum(done.before.values())} times, in {done.onboardings} onboardings:{_places(done.before)}"
            )
        else:
            out.print(
                f"Forgotten: {done.records} records erased, {done.mails} mails emptied ({done.cancelled} of them had "
                f"not left and never will), {done.texts} other texts changed, in {done.onboardings} onboardings."
            )
            out.print(f"Searched every text of every table: {sum(done.after.values())} left.{_places(done.after)}")
        if done.namesakes:
            out.print(f"The same name stands elsewhere and means somebody else:{_places(done.namesakes)}")
        if not dry_run:
            out.print(
                "Not ours to erase: the CRM, mail servers and mailboxes, Slack. docs/recipients-rights.md has the list."
            )
    if done.after and not dry_run:
        raise typer.Exit(1)


def _places(found: Mapping[str, int]) -> str:
    return "".join(f"\n  {number:>5}  {place}" for place, number in sorted(found.items()))
