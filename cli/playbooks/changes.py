"""Commands that change a playbook while onboardings run on it: what differs, what it would do, do it, take it back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, AsOf, By, Key, Reason, Unusable, one_of, tier_of
from cli.printing import print_document, print_json, print_lines, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from onboarding.playbook_changes.plan import Plan
    from tasks.runtime.context import RunContext
    from tasks.runtime.reports import Failure

FORMATS = ("text", "markdown")
Everything = Annotated[bool, typer.Option("--all", help="Every onboarding in flight.")]


def plan(
    playbooks: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The changed playbooks.", show_default="the playbooks in use"),
    ] = None,
    tier: Annotated[str | None, typer.Option(metavar="T", help="Only onboardings of this tier.")] = None,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or markdown.")] = "text",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """For every onboarding in flight: what would appear, vanish, move and be sent at once. Touches nothing.

    Example: [bold]first90 playbook plan --playbooks playbooks/[/bold]
    """
    from cli.playbooks.plan_page import plan_json, plan_lines, plan_markdown

    if output not in FORMATS:
        raise typer.BadParameter(f"{output!r} is no format; use one of {', '.join(FORMATS)}")
    found = _planned(playbooks, tier, as_of)
    if as_json:
        print_json(plan_json(found, found.changes))
    elif output == "markdown":
        print_document("\n".join(plan_markdown(found)))
    else:
        print_lines(plan_lines(found))
        if found.moving:
            print_lines(["", *_how_to_adopt(found, playbooks, tier)])
    if found.failures:
        raise typer.Exit(1)


def _how_to_adopt(plan: "Plan", playbooks: Path | None, tier: str | None) -> "Iterator[str]":
    if playbooks is not None:
        yield f"With {playbooks} as the playbooks in use (FIRST90_PLAYBOOKS),"
    narrowed = f" --tier {tier}" if tier else ""
    yield f"`first90 playbook adopt --all{narrowed} --plan {plan.id}`"
    yield "applies exactly this"


def adopt(
    by: By,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY…", help="Account ids, deal ids or account names.", show_default=False),
    ] = None,
    everything: Everything = False,
    tier: Annotated[str | None, typer.Option(metavar="T", help="Only onboardings of this tier.")] = None,
    plan_id: Annotated[
        str | None, typer.Option("--plan", metavar="ID", help="Only if this plan still holds.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move onboardings to the newest version of their tier's playbook, exactly as `playbook plan` says.

    Example: [bold]first90 playbook adopt --all --plan 3fa2-91bc-77de01aa --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from cli.playbooks.plan_page import plan_json, plan_lines
    from tasks.approvals.asking import PlanChoice, second_person_for_plan
    from tasks.playbooks.adopting import adopt as carry_out
    from tasks.playbooks.adopting import plan_adoption
    from tasks.runtime.reports import Failure

    with ordered(by) as (context, order):
        wanted = tier_of(tier, context.library)
        chosen = _chosen(context, keys, everything=everything)
        found = plan_adoption(context, order, chosen, wanted, plan_id)
        if dry_run:
            if as_json:
                print_json(plan_json(found, found.changes))
            else:
                print_lines(plan_lines(found))
            return
        waits = second_person_for_plan(context, order, found, PlanChoice(chosen, wanted, plan_id))
        if waits is not None:
            tell(waits)
            _fail([Failure(where=key, error=error) for key, error in found.failures], any_done=True)
            return
        done = carry_out(context, order, found, exact=plan_id is not None)
    if as_json:
        print_json(plan_json(found, done.done))
    else:
        print_lines(
            f"{one.account_name}: runs on {one.tier} playbook {one.new} now; {one.summary}" for one in done.done
        )
        print_lines([f"{len(done.done)} moved; {done.already} ran on the newest version already"])
    _fail(done.failures, any_done=bool(done.done))


def rollback(
    by: By,
    reason: Reason,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY…", help="Account ids, deal ids or account names.", show_default=False),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that moved with the newest adoption, and no other.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take the last adoption back: version, dates and owed work as before; what was sent stays sent.

    Example: [bold]first90 playbook rollback --all --reason "too early" --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from tasks.approvals.asking import second_person_for_rollback
    from tasks.commands.deliveries import need_reason
    from tasks.playbooks.rolling_back import roll_back

    with ordered(by, reason) as (context, order):
        need_reason(order)
        chosen = _chosen(context, keys, everything=everything)
        if (waits := second_person_for_rollback(context, order, chosen)) is not None:
            tell(waits)
            return
        done = roll_back(context, order, chosen)
    if as_json:
        print_json([{"deal_id": key, "playbook": version} for key, version in done.done])
    else:
        print_lines(f"{key}: runs on playbook {version} again" for key, version in done.done)
        print_lines(f"{key}: {status} since, and stays as it is" for key, status in done.closed)
        print_lines([f"{len(done.done)} taken back"])
    _fail(done.failures, any_done=bool(done.done))


def policy(
    key: Key,
    by: By,
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="pin, follow, follow_next_stage, or tier (as its tier says).")
    ],
    reason: Reason = "",
) -> None:
    """Choose when an onboarding moves to new versions of its playbook; tiers.yaml says it for a whole tier.

    Example: [bold]first90 playbook policy Acme pin --reason "contract" --by jo@example.com[/bold]
    """
    from cli.commands.orders import ordered, tell
    from onboarding.acts import Act
    from onboarding.facts.tiers import PlaybookPolicy
    from tasks.approvals.asking import second_person
    from tasks.playbooks.adopting import set_policy

    wanted = None if policy == "tier" else one_of(PlaybookPolicy, policy, "policy")
    with ordered(by, reason) as (context, order):
        named = _chosen(context, [key], everything=False) or ()
        waits = None
        if wanted is not PlaybookPolicy.PIN:
            waits = second_person(context, order, Act.ADOPT_PLAYBOOK, {"policy": policy}, key)
        tell(set_policy(context, order, named, wanted) if waits is None else waits)


def _planned(playbooks: Path | None, tier: str | None, as_of: datetime | None) -> "Plan":
    from cli.opening import existing_database
    from config.playbook_library.library import load_library
    from config.settings.load import load_settings
    from tasks.playbooks.planning import Planner
    from tasks.runtime.clock import present_in

    settings = load_settings()
    place = playbooks or settings.playbooks
    if not place.is_dir():
        raise Unusable(f"{place} is no folder; name the folder that holds one YAML file for each tier")
    library = load_library(place)
    wanted = tier_of(tier, library)
    database = existing_database(settings)
    try:
        with database.reading() as conn:
            now = as_of or present_in(conn, datetime.now(UTC))
            return Planner(library=library, now=now, pilot=settings.only_accounts).plan(conn, tier=wanted)
    finally:
        database.close()


def _chosen(context: "RunContext", keys: "Sequence[str] | None", *, everything: bool) -> "Sequence[str] | None":
    """Return the keys of the onboardings that are meant; None for all. Raises Unusable, NotFound."""
    from database.onboardings.lookup import find_onboardings

    if bool(keys) == everything:
        raise Unusable("name the onboardings, or give --all for every one in flight, not both")
    if not keys:
        return None
    with context.database.reading() as conn:
        return find_onboardings(conn, keys)


def _fail(failures: "Sequence[Failure]", *, any_done: bool) -> None:
    """Tell what stayed as it was. Raises Exit where anything did: with 1, or with 2 where nothing was changed."""
    for one in failures:
        say(f"{one.where} stays as it is: {one.error}")
    if failures:
        raise typer.Exit(1 if any_done else 2)
