"""The weekly and the monthly report: the page kept for the board, a short mail to leaders, a note on what got worse."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from config.mail_templates.markdown import literal
from database import key_values
from database.outbox import planned
from database.privacy import suppressions
from onboarding.messages.report_messages import ReportMail, alarm, report_mail
from onboarding.metrics.compute import Metric, Portfolio
from onboarding.metrics.page import stall_costs
from onboarding.metrics.period import Moved, Period, moved
from onboarding.metrics.wording import counted_words, figure_words, interval_words
from onboarding.model.effect import PlannedEffect
from onboarding.model.identity import one_spelling
from onboarding.model.phrases import moment_words
from tasks.reporting.page import Compared, report_page
from tasks.reporting.portfolio import Question, read_audit, read_portfolios
from tasks.runtime.context import RunContext
from tasks.runtime.reports import MetricsReport
from tasks.runtime.scope import Scope
from tasks.views.readers import board_url

STORED = "report:"
"""The prefix of the names under which pages are stored."""
KEPT = timedelta(days=400)
"""How long pages are stored. Our choice."""


def publish(context: RunContext, as_of: datetime, scope: Scope, period: Period) -> MetricsReport:
    """Make the report of this week or month; plan the mails to leaders and the note on what got worse.

    Safe to repeat: the report of a week or month has one name, so a second run replaces its page and plans no second
    mail. A report of some accounts only is shown, and neither stored nor sent.
    """
    name = period.name_at(as_of)
    earlier = period.before(as_of)
    now, before = read_portfolios(context.database, Question(as_of=as_of, accounts=scope.accounts), earlier)
    changes = moved(before, now)
    findings = {
        f"{one.where} {one.metric} {one.turn}": one.words for one in now.movements if one.alarming
    } | _below_benchmarks(now)
    alarms = tuple(findings.values())
    planned_mails = 0
    if scope.accounts is None:
        audit = read_audit(context.database, Question(as_of=as_of))
        page = report_page(now, compared=Compared(since=earlier, changes=changes), audit=audit)
        effects = _mails(context, name, changes, alarms, as_of)
        notes = [alarm(f"{as_of:%Y-%m}", findings, as_of)] if findings else []
        with context.database.writing() as conn:
            key_values.write(conn, STORED + name, page, as_of)
            key_values.forget_older(conn, STORED, as_of - KEPT)
            planned_mails = planned.plan(conn, [(None, one) for one in effects], as_of)
            planned.plan(conn, [(None, one) for one in notes], as_of)
    return MetricsReport(
        name=name,
        onboardings=len(now.accounts),
        figures=tuple(_figure(one) for one in now.metrics if one.estimate.value is not None),
        stalls=stall_costs.stall_costs(now.accounts).rows,
        stalls_defined=stall_costs.DEFINITION,
        moved=tuple(one.words for one in changes),
        alarms=alarms,
        mails=planned_mails,
        link=f"{context.settings.public_url}/board/report/{name}" if context.settings.public_url else "",
    )


def stored_report(conn: Connection, name: str) -> str | None:
    """Return the page of the report of this name, such as ``weekly-2026-W48``; None where there is none."""
    kept = key_values.read(conn, STORED + name)
    return kept.value if kept else None


def _mails(
    context: RunContext, name: str, changes: tuple[Moved, ...], alarms: tuple[str, ...], as_of: datetime
) -> list[PlannedEffect]:
    """Return the mails to leaders, without those to suppressed addresses."""
    leaders = {one_spelling(address): address for address in context.team.leaders}
    with context.database.reading() as conn:
        closed = {one.subject for one in suppressions.current(conn, (), leaders)} if leaders else set()
    return [
        report_mail(
            name,
            address,
            ReportMail(
                subject=f"Onboarding report, {name.replace('-', ' ', 1)}",
                lines=tuple(one.words for one in changes),
                alarms=alarms,
                where=_where(board_url(context, address, as_of, f"/report/{name}"), context.team.ops_addresses, as_of),
            ),
            as_of,
        )
        for spelling, address in leaders.items()
        if spelling not in closed
    ]


def _keepers(ops: Sequence[str]) -> str:
    """Return whom a leader asks for the report where no page of it is served."""
    return literal(" or ".join(ops)) if ops else "whoever runs first90 for you"


def _where(link: str, ops: Sequence[str], as_of: datetime) -> str:
    """Return where a leader finds the whole report. A leader has no command line."""
    if link:
        open_it = f"[The whole report, with the accounts behind each figure]({link})"
        return f"{open_it}\n\nThe link is yours alone: please do not forward it."
    asked = f"Ask {_keepers(ops)} for the report as of {moment_words(as_of)}."
    return f"The whole report shows the accounts behind each figure. {asked}"


def _below_benchmarks(portfolio: Portfolio) -> dict[str, str]:
    """Return the metrics clearly below a published benchmark (TH-14): even their upper bound is."""
    found = {}
    for one in portfolio.metrics:
        benchmark, estimate = one.definition.benchmark, one.estimate
        limit = benchmark.clearly_below if benchmark else None
        if benchmark is None or limit is None or estimate.high is None or estimate.small or estimate.high >= limit:
            continue
        figure = figure_words(one.definition, estimate)
        found[f"{one.name} below {limit}"] = f"{one.definition.title}: {figure}; {benchmark.text} ({benchmark.source})"
    return found


def _figure(one: Metric) -> tuple[str, str, str, str]:
    definition, estimate = one.definition, one.estimate
    few = " (few)" if estimate.small else ""
    return (
        definition.title,
        figure_words(definition, estimate) + few,
        interval_words(definition, estimate),
        counted_words(estimate),
    )
