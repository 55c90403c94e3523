"""The summary at the end of a run: what came in, who is where, what was sent or set aside, where to look next."""

import os
import shlex
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cli.pages.outcome import RunOutcome
from cli.pages.standstill import print_stops
from cli.printing import console, text
from cli.tables import Table, print_table, table
from onboarding.model.vocabulary import STAGES, Channel
from supervisor.api import LOCK, pages_of
from supervisor.lock import note_of_holder

if TYPE_CHECKING:
    from config.settings.load import Settings
    from tasks.runtime.reports import Failure

NAMES_SHOWN = 6
ROWS_SHOWN = 40
FEW_ALIKE = 3
"""How many that were not done for one reason have a row each."""


def print_summary(outcome: RunOutcome, settings: "Settings") -> None:
    """Print the outcome for a person, in sections that fit 80 columns."""
    out, report = console(), outcome.report
    if outcome.stands.stops:
        out.print()
        print_stops(outcome.stands.stops)
    out.print(f"\n[bold]first90[/bold] as of {report.as_of:%A %Y-%m-%d %H:%M} UTC")
    if report.dry_run:
        out.print("[bold]Dry run: nothing was written or sent.[/bold]")
    if not outcome.opened and not outcome.made and outcome.stands:
        out.print("No onboarding was opened, and what is owed does not leave now.")
    elif not outcome.opened and not outcome.made:
        out.print("Nothing new: no onboarding was opened and nothing was due to be sent.")
    for section in (
        _came_in(outcome),
        _where(outcome),
        _made(outcome),
        *_to_whom(outcome),
        _does_not_leave(outcome),
        _decisions(outcome),
        _troubles(outcome),
        _set_aside(outcome),
    ):
        if section is not None:
            out.print()
            print_table(section)
    out.print("\n[bold]Where to look next[/bold]")
    for line in _next(outcome, settings):
        out.print(f"  {text(line)}", soft_wrap=True)


def _came_in(outcome: RunOutcome) -> Table:
    look = outcome.as_json()["intake"]
    would = "would be " if outcome.report.dry_run else ""
    rows = [
        (look["seen"], "won deals seen"),
        (look["opened"], f"onboardings {would}opened"),
        (look["adopted"], "of them were under way already: taken over, not begun again"),
        (look["extended"], f"running ones {would}extended by another deal"),
        (look["blocked"], "blocked until somebody adopts them"),
        (len(look["waiting"]) if not look["blocked"] else 0, "waiting for your decision, below"),
        (
            len(outcome.report.set_aside),
            "record set aside" if len(outcome.report.set_aside) == 1 else "records set aside",
        ),
    ]
    return table("Came in", ("", ""), [row for row in rows if row[0] or row[1].startswith("won")])


def _where(outcome: RunOutcome) -> Table:
    found: dict[str, list[str]] = defaultdict(list)
    for line in outcome.lines:
        live = line["status"] == "active"
        found[line["stage"] if live else line["status"].replace("_", " ")].append(line["account_name"])
    order = [stage.value for stage in STAGES] + sorted(set(found) - {stage.value for stage in STAGES})
    rows = [(name, len(found[name]), _names(found[name])) for name in order if name in found]
    return table("Who is where", ("stage", "", "accounts"), rows or [("", 0, "no onboarding yet")], accounts=1)


def _made(outcome: RunOutcome) -> Table:
    words = {Channel.MAIL: "mails", Channel.SLACK: "Slack posts", Channel.CRM: "CRM rows"}
    rows = []
    for channel, word in words.items():
        sent, owed = outcome.kinds(channel, sent=True), outcome.kinds(channel, sent=False)
        rows.append((word, sent.total(), _counted(sent)))
        if owed:
            rows.append(("  for later", owed.total(), _counted(owed)))
    title = "Would be sent now" if outcome.report.dry_run else "Sent"
    return table(title, ("", "", "what"), rows, what=1)


def _to_whom(outcome: RunOutcome) -> Iterable[Table]:
    """Yield the recipients, for a dry run only: it is read before the messages leave."""
    if not outcome.report.dry_run:
        return
    for channel, title in ((Channel.MAIL, "Mails, and to whom"), (Channel.SLACK, "Slack, and to whom")):
        for sent, when in ((True, "now"), (False, "for later")):
            lines = outcome.effects(channel, sent=sent)
            rows = [
                (line["account_name"] or "", line["kind"], f"{line['recipient']} ({line['role']})")
                for line in lines[:ROWS_SHOWN]
            ]
            if len(lines) > ROWS_SHOWN:
                rows.append((f"and {len(lines) - ROWS_SHOWN} more:", "", "first90 run --dry-run --json lists them all"))
            if rows:
                yield table(f"{title}, {when}: {len(lines)}", ("account", "what", "to"), rows, account=1, to=2)


def _does_not_leave(outcome: RunOutcome) -> Table | None:
    lines = outcome.stands.lines()
    return table("Does not leave now", ("why",), [(line,) for line in lines], why=1) if lines else None


def _decisions(outcome: RunOutcome) -> Table | None:
    rows = [(line["account_name"], line["blocked"]) for line in outcome.waiting]
    if not rows:
        return None
    title = "Wait for your decision; nothing is sent to them until then"
    return table(title, ("account", "why and how"), rows[:ROWS_SHOWN], account=1, why_and_how=2)


def _troubles(outcome: RunOutcome) -> Table | None:
    report = outcome.report
    rows = [(failure.where, failure.error) for failure in report.failures]
    parts = [part for flow in report.flows for part in flow.deliveries]
    rows += [(failure.where, failure.error) for part in parts for failure in (*part.dead, *part.doubtful)]
    if not rows:
        return None
    lines = list(_by_reason(rows))
    return table("Not done", ("what", "why"), lines[:ROWS_SHOWN], what=1, why=2)


def _by_reason(rows: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield a row each; one for all that were not done for the same reason, where they are many."""
    counts = Counter(why for _, why in rows)
    for number, (what, why) in enumerate(rows):
        if counts[why] <= FEW_ALIKE:
            yield what, why
        elif why not in {before for _, before in rows[:number]}:
            yield f"{counts[why]}, the first {what}", why


def _doubtful(outcome: RunOutcome) -> "Iterator[Failure]":
    for flow in outcome.report.flows:
        for part in flow.deliveries:
            yield from part.doubtful


def _set_aside(outcome: RunOutcome) -> Table | None:
    rows = [(one.source, one.record, one.field, one.problem) for one in outcome.report.set_aside]
    if not rows:
        return None
    return table(
        "Set aside until corrected",
        ("where", "record", "field", "what is wrong"),
        rows[:ROWS_SHOWN],
        record=2,
        what_is_wrong=3,
    )


def _next(outcome: RunOutcome, settings: "Settings") -> Iterable[str]:
    urgent = shlex.quote(outcome.lines[0]["account_name"]) if outcome.lines else "KEY"
    first90 = "first90" if shutil.which("first90") else os.path.relpath(sys.argv[0])
    if outcome.report.dry_run:
        yield f"{first90} run                   do it"
        yield f"{first90} run --dry-run --json  the same with every message"
        return
    yield f"{first90} status     everyone, the most urgent first"
    yield f"{first90} explain {urgent}"
    yield f"{first90} effects    every message and CRM row, and what became of it"
    if any("database was restored" in one.error for one in _doubtful(outcome)):
        yield "What left before the database was restored is held. If it arrived, say so for all of it:"
        yield f'{first90} effects sent --state unknown --error "database was restored" --reason REASON --yes'
    yield f"mails      {settings.mail.place}"
    yield f"Slack      {settings.chat.place}"
    yield f"CRM rows   {settings.crm.place}: Onboarding__c and Onboarding_Milestone__c"
    records = settings.home / "prefect"
    if kept := note_of_holder(records / LOCK):
        yield f"flow runs  {pages_of(kept)}"
    elif (records / "prefect.db").exists() and "PREFECT_API_URL" not in os.environ:
        yield f"flow runs  {first90} up   shows them on Prefect's pages"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(sorted(names)[:NAMES_SHOWN]) + more


def _counted(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
