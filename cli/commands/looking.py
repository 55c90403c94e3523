"""Commands that only read: the portfolio, one onboarding whole, why it is where it is, and when it will be where."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AsJson, AsOf, Key, Unusable, moment, one_of
from cli.printing import console, print_json, print_lines, say, text
from cli.tables import print_table, table

if TYPE_CHECKING:
    from config.settings.load import Settings
    from database.engine import Database
    from onboarding.model.vocabulary import Tier

HEADINGS = ("account", "tier", "stage", "due", "health", "waits for")
STAGES = ("handoff", "kickoff", "setup", "training", "first_value", "done")


def status(
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help=f"Only this stage: {', '.join(STAGES)}.")] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help="Only those that stand still.")] = False,
    owner: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only those this person answers for.")] = None,
    as_json: AsJson = False,
) -> None:
    """One line an onboarding, the most urgent first.

    Example: [bold]first90 status --stalled --owner maria@example.com[/bold]
    """
    from cli.opening import reading
    from cli.pages.standstill import print_stops, standstill
    from database.key_values import low_allowance
    from database.onboardings.overview import status_lines
    from database.outbox.dead_letters import count_aside
    from database.playbooks.versions import older
    from onboarding.health.summary import is_of
    from onboarding.model.vocabulary import Stage

    wanted = one_of(Stage, stage, "stage")
    with reading() as conn:
        lines, calls_left = status_lines(conn, wanted), low_allowance(conn)
        waiting, stands, behind = count_aside(conn), standstill(conn), older(conn, lines)
    chosen = [
        line for line in lines if (line["stalled_since"] or not stalled) and (owner is None or is_of(line, owner))
    ]
    print_stops(stands.stops, aside=as_json)
    if as_json:
        print_json(chosen)
        return
    print_table(table("", HEADINGS, map(_status_row, chosen), one_line=True, account=3, waits_for=4))
    print_lines(["", f"{len(chosen)} of {len(lines)} onboardings; first90 explain KEY tells the whole cause, and why"])
    if behind:
        print_lines([f"{behind} of them in flight on an older version of the playbook; see first90 playbook plan"])
    for line in stands.lines():
        console().print(f"[bold]![/bold] {text(line)}")
    if waiting:
        told = ", ".join(f"{count} {state.value}" for state, count in sorted(waiting.items()))
        console().print(f"[bold]Undelivered: {told}[/bold]; first90 effects --state dead (or unknown) says why")
    if calls_left is not None:
        print_lines(
            [f"Salesforce: {calls_left} % of the org's API calls are left, so it is looked at once an hour only"]
        )


def _status_row(line: Any) -> tuple[str, ...]:
    live = line["status"] in ("active", "on_hold")
    where = line["stage"] if line["status"] == "active" else line["status"].replace("_", " ")
    due = f"{datetime.fromisoformat(line['stage_due_at']):%d %b}" if live and line["stage_due_at"] else ""
    health = "?" if line["health"] is None else line["health"]
    if live and line.get("blocked"):
        return line["account_name"], line["tier"], where, due, "", f"your decision: {line['blocked']}"
    # The kind is short enough for 80 columns; a line saved by an earlier version has the cause alone.
    kind = str(line.get("stall_kind") or line["stall_cause"] or "").replace("_", " ")
    cause = f"{line['waiting_on']}: {kind}" if kind else ""
    level = "!" * int(line["escalation_level"] or 0)
    return line["account_name"], line["tier"], where, due, health if live else "", f"{level} {cause}".strip()


def explain(
    key: Key,
    touchpoint: Annotated[
        str | None,
        typer.Argument(metavar="TOUCHPOINT", help="A step, such as welcome or check_in_7.", show_default=False),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Why it is where it is, whose move it is and what happens next; or what became of one touchpoint.

    Example: [bold]first90 explain "Acme Corp" check_in_30[/bold]
    """
    from cli.pages.picture import take_picture
    from onboarding.explain.touchpoint_fate import explain_touchpoint

    seen = take_picture(key, as_of)
    told: Any
    if touchpoint is None:
        told = seen.explained()
    else:
        try:
            told = explain_touchpoint(seen.case, seen.review, seen.playbook, touchpoint, seen.now)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    if as_json:
        print_json(told.as_json())
        return
    print_lines(told.lines)


def show(
    key: Key,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Everything on one onboarding: stage, milestones, goals, people, touchpoints, escalations, journal.

    Example: [bold]first90 show "Acme Corp"[/bold]
    """
    from cli.pages.picture import take_picture
    from cli.pages.showing import as_json as whole
    from cli.pages.showing import print_picture

    seen = take_picture(key, as_of, history=True)
    if as_json:
        print_json(whole(seen))
    else:
        print_picture(seen)


def forecast(
    key: Key,
    asked: Annotated[
        list[str] | None,
        typer.Option(
            "--if",
            metavar="MILESTONE=DATE",
            help="What would change if it is done on that day; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """When stages and go-live will be reached, with the reason for every day gained or lost; changes nothing.

    Example: [bold]first90 forecast "Acme Corp" --if security_review=2026-04-10[/bold]
    """
    from cli.pages.forecast import print_forecast, print_what_if
    from cli.pages.picture import take_picture, take_what_if

    if asked:
        found = take_what_if(key, as_of, asked)
        if as_json:
            print_json(found.as_json())
        else:
            print_forecast(found.after, found)
            print_what_if(found)
        return
    seen = take_picture(key, as_of).forecast
    assert seen is not None
    if as_json:
        print_json(seen.as_json())
    else:
        print_forecast(seen)


def report(
    as_of: AsOf = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            metavar="DAY",
            parser=moment,
            show_default="all",
            help="Only accounts signed from then on.",
        ),
    ] = None,
    tier: Annotated[str | None, typer.Option(metavar="TIER", help="Only this tier.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.html", help="Write the report as one HTML file.")
    ] = None,
    tables: Annotated[
        Path | None, typer.Option("--csv", metavar="DIR", help="Write the figures as CSV files into this folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell the metrics with their definitions: time to value and activation first, each by what was known then.

    Example: [bold]first90 report --since 2026-01-01 --out report.html[/bold]
    """
    from cli.opening import existing_database
    from config.settings.load import load_settings
    from onboarding.metrics.page.stall_costs import stall_costs
    from tasks.reporting.portfolio import Question, read_audit, read_portfolio
    from tasks.runtime.clock import present_in

    settings = load_settings()
    database = existing_database(settings)
    try:
        wanted = None if tier is None else _reported(database, tier, settings)
        with database.reading() as conn:
            now = as_of or present_in(conn, datetime.now(UTC))
        question = Question(as_of=now, since=since, tier=wanted)
        portfolio, history = read_portfolio(database, question), read_audit(database, question)
    finally:
        database.close()
    try:
        if out is not None:
            from tasks.reporting.page import report_page

            out.write_text(report_page(portfolio, wanted, audit=history), encoding="utf-8")
            say(f"wrote {out}")
        if tables is not None:
            from tasks.reporting.tables import write_tables

            for path in write_tables(portfolio, tables):
                say(f"wrote {path}")
    except OSError as error:
        raise Unusable(f"the report cannot be written to {error.filename}: {error.strerror}") from None
    if as_json:
        print_json(
            {
                **portfolio.as_json(),
                "stalls": stall_costs(portfolio.accounts).as_json(),
                "audit": history.as_json() if history else None,
            }
        )
    elif out is None:
        from cli.pages.metrics import print_audit, print_metrics

        print_metrics(portfolio)
        if history is not None:
            print_audit(history)


def _reported(database: "Database", tier: str, settings: "Settings") -> "Tier":
    """Return the tier of which a report is asked. Raises BadParameter, which says what may have been meant."""
    from config.playbook_library.library import load_library
    from tasks.reporting.portfolio import asked_tier

    try:
        return asked_tier(database, tier, load_library(settings.playbooks))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
