"""The artifact of a flow run in Prefect: what it did and what needs attention. It holds no mail address."""

from collections import Counter
from collections.abc import Sequence

from flows.reports import FlowReport
from onboarding.model.phrases import role_words
from onboarding.model.vocabulary import Channel
from tasks.runtime.reports import DeliveryReport, MetricsReport, Rehearsed, ReviewReport, SignalReport

LONGEST_LIST = 25
MOST_REHEARSED = 200
"""The most messages shown of a dry run, which is read before it is done. Our choice."""


def as_markdown(report: FlowReport, stopped: Sequence[tuple[str, str]] = ()) -> str:
    """Return a report as Markdown, the most important first; nothing in it names a customer's person.

    ``stopped``: headline and details of each stop, which are shown above all else.
    """
    mode = " (dry run: nothing was written or sent)" if report.dry_run else ""
    parts = [
        f"# {report.flow}: {report.outcome}",
        f"As of {report.as_of:%A %Y-%m-%d %H:%M} UTC{mode}.",
        *_attention(report),
        *_came_in(report),
        *_reviews(report.reviews, report.dry_run),
        *_metrics(report),
        *(_rehearsed(report) if report.dry_run else _deliveries(report.deliveries)),
    ]
    if len(parts) == 2:
        parts.append("Nothing was due.")
    parts[:0] = [f"# {headline.upper()}\n\n**{_cell(details)}**" for headline, details in stopped]
    return "\n\n".join(parts) + "\n"


def _attention(report: FlowReport) -> list[str]:
    found = []
    if report.failures:
        lines = [f"* `{failure.where}`: {_cell(failure.error)}" for failure in report.failures]
        found.append("## Not done\n\n" + _cut(lines))
    dead = [failure for part in report.deliveries for failure in part.dead]
    if dead:
        lines = [f"* `{failure.where}`: {_cell(failure.error)}" for failure in dead]
        found.append("## Will not be sent\n\n" + _cut(lines) + "\n\nMend the cause, then `first90 effects retry ID`.")
    held_up = [failure for part in report.deliveries for failure in (*part.held_up, *part.doubtful)]
    if held_up:
        lines = [f"* `{failure.where}`: {_cell(failure.error)}" for failure in held_up]
        found.append("## Does not leave now\n\n" + _cut(lines))
    if report.set_aside:
        rows = [
            f"| {_cell(p.source)} | {_cell(p.record)} | {_cell(p.field)} | {_cell(p.problem)} |"
            for p in report.set_aside
        ]
        head = "| where | record | field | what is wrong |\n|---|---|---|---|\n"
        found.append("## Set aside until corrected\n\n" + head + _cut(rows))
    return found


def _came_in(report: FlowReport) -> list[str]:
    lines = []
    if (intake := report.intake) and not intake.unchanged:
        lines.append(
            f"* won deals seen: {intake.seen}; {'would be ' if report.dry_run else ''}opened {intake.opened}, "
            f"taken over under way {intake.adopted}, extended {intake.extended}, blocked {intake.blocked}\n"
            f"* onboardings to which something new was learned: {intake.changed}"
        )
    for part in report.parts:
        if isinstance(part, SignalReport) and (part.new or part.unmatched):
            lines.append(f"* product signals: {part.new} new, {part.unmatched} of accounts that we do not know")
    return ["## Came in\n\n" + "\n".join(lines)] if lines else []


def _reviews(reviews: tuple[ReviewReport, ...], dry_run: bool) -> list[str]:
    rows = [
        f"| {review.stage or 'all stages'} | {review.reviewed} | {review.left} | {review.planned} |"
        for review in reviews
        if review.reviewed or review.planned
    ]
    if not rows:
        return []
    done = "would leave it | messages it would plan" if dry_run else "left it | messages planned"
    return [f"## Reviewed\n\n| stage | reviewed | {done} |\n|---|--:|--:|--:|\n" + "\n".join(rows)]


def _metrics(report: FlowReport) -> list[str]:
    """Return the sections of a report of the metrics: what got worse first."""
    sections = []
    for part in report.parts:
        if not isinstance(part, MetricsReport):
            continue
        if part.alarms:
            sections.append("## Got worse\n\n" + "\n".join(f"* {_cell(one)}" for one in part.alarms))
        if part.moved:
            sections.append("## Moved most\n\n" + "\n".join(f"* {_cell(one)}" for one in part.moved))
        head = "| metric | value | 95 % | counted |\n|---|--:|---|---|\n"
        rows = [f"| {' | '.join(map(_cell, figure))} |" for figure in part.figures]
        sections.append(f"## {part.name}: {part.onboardings} onboardings\n\n{head}" + "\n".join(rows))
        if part.stalls:
            head = "| stalls | waited on | times | days | cost | of deals with an amount |\n|---|---|--:|--:|--:|---|\n"
            rows = [f"| {' | '.join(map(_cell, row))} |" for row in part.stalls]
            told = f"{part.stalls_defined} In the currency of the tier rules."
            sections.append("## Stalls and what they cost\n\n" + head + "\n".join(rows) + f"\n\n{told}")
        if part.link:
            sections.append(f"[The whole report]({part.link}), for who may open the board.")
    return sections


def _rehearsed(report: FlowReport) -> list[str]:
    """Return what a dry run would send and plan: each mail and Slack message, CRM rows counted by account."""
    messages = [one for one in report.rehearsed if one.channel is not Channel.CRM]
    found = []
    for title, now in (("Would be sent now", True), ("Would be planned for later", False)):
        rows = [
            f"| {_cell(one.account) or 'several'} | {one.step} | {one.channel} to the {role_words(one.role)} "
            f"| {one.due_at:%Y-%m-%d %H:%M}Z |"
            for one in messages
            if one.now is now
        ]
        if rows:
            head = "| account | step | to whom | due |\n|---|---|---|---|\n"
            found.append(f"## {title}: {len(rows)}\n\n{head}{_cut(rows, MOST_REHEARSED)}")
    crm = Counter(one.account for one in report.rehearsed if one.channel is Channel.CRM)
    if crm:
        lines = [f"* {_cell(account)}: {count}" for account, count in sorted(crm.items())]
        found.append("## CRM rows that would be written\n\n" + _cut(lines, MOST_REHEARSED))
    return found


def in_words(one: Rehearsed) -> str:
    """Return a message or CRM row of a dry run as a line of the log."""
    when = "would be sent now" if one.now else f"would be planned for {one.due_at:%Y-%m-%d %H:%M}Z"
    what = {Channel.MAIL: "mail", Channel.SLACK: "Slack message", Channel.CRM: "CRM row"}[one.channel]
    to = "" if one.channel is Channel.CRM else f" to the {role_words(one.role)}"
    return f"{when}: {what} {one.step}{to}{f' of {one.account}' if one.account else ''}"


def _deliveries(deliveries: tuple[DeliveryReport, ...]) -> list[str]:
    rows = [
        f"| {part.channel} | {part.sent} | {part.failed} | {part.unknown} | {part.moved} |"
        for part in deliveries
        if part.sent or part.failed or part.unknown or part.moved
    ]
    if not rows:
        return []
    head = "| channel | sent | refused | in doubt | put off |\n|---|--:|--:|--:|--:|\n"
    return ["## Sent\n\n" + head + "\n".join(rows)]


def _cut(lines: list[str], most: int = LONGEST_LIST) -> str:
    more = len(lines) - most
    return "\n".join(lines[:most]) + (f"\n\nand {more} more" if more > 0 else "")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
