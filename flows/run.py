"""How every flow begins and ends: one moment, one run context, one report, one artifact, one final state."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar, cast

from prefect import Task, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.utilities.annotations import quote

from config.settings.load import load_settings
from flows.artifact import as_markdown, in_words
from flows.events import tell
from flows.options import FlowOptions
from flows.reports import FlowReport, TaskReport
from onboarding.model.vocabulary import Channel
from tasks.commands.named_accounts import accounts_meant
from tasks.delivery.channel_run import ChannelRun
from tasks.delivery.deliver_all import deliver_all
from tasks.monitoring.tally import MAIN_SWEEP, SweepEnd, count_run
from tasks.prefect_tasks import deliver_channel
from tasks.review.clock_fault import tell_of_clock
from tasks.review.down_time import tell_of_down_time
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.dry_run import rehearsed
from tasks.runtime.refusals import Refused
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope
from tasks.runtime.stopped import stops_in_words

logger = logging.getLogger(__name__)

MOST_LOGGED = 500
"""The most lines of a dry run in its log. Our choice."""
Conclusion = FlowReport | State[FlowReport]
Report = TypeVar("Report")
Value = TypeVar("Value")


class Shared(NamedTuple):
    """What the flows of one cycle share."""

    context: RunContext
    reports: list[FlowReport]
    """The report of each flow that came to its end."""


_shared: ContextVar[Shared | None] = ContextVar("what the flows of a cycle share", default=None)


class Run(NamedTuple):
    """One run of a flow: what every task takes, and how a flow calls its tasks.

    Inside a flow run of Prefect a task becomes a task run. Elsewhere (``--plain``) its function is called: a Prefect
    task that is called outside a flow run looks for a server, and starts one where it finds none.
    """

    flow: str
    context: RunContext
    as_of: datetime
    scope: Scope
    began: float
    """When it began, on a clock that only counts seconds."""
    ended: list[FlowReport]
    """Its report, once its tasks have ended."""

    def call(self, task: Task[[RunContext, datetime, Scope], Report]) -> Report:
        """Run one task and return its report."""
        if FlowRunContext.get() is None:
            return task.fn(self.context, self.as_of, self.scope)
        return task(_unvisited(self.context), self.as_of, self.scope)

    def deliver(self, channels: Iterable[Channel]) -> list[DeliveryReport]:
        """Send what is due on these channels, each a task run of its own; return their reports in that order."""
        if FlowRunContext.get() is None:
            return deliver_all(self.context, self.as_of, channels, self.scope)
        return deliver_all(self.context, self.as_of, channels, self.scope, _deliver_as_task_run)


@contextmanager
def begin(flow: str, options: FlowOptions) -> Iterator[Run]:
    """Open the run context (or share the cycle's), fix the moment by the clock that all workers share, and resolve the
    accounts.

    A deployed run never makes a database: where it finds none it looks in the wrong place, and refuses. A run whose
    tasks raise is counted as one that failed. Raises Refused, and what opening the run context and the tasks raise.
    """
    with _context(options) as context:
        as_of = options.as_of or context.wall_clock()
        run = _run(flow, context, as_of, options)
        try:
            yield run
        except Exception as error:
            if not run.ended:
                _count(FlowReport(flow=flow, as_of=as_of, crashed=type(error).__name__), run)
            raise


@contextmanager
def sharing(context: RunContext) -> Iterator[list[FlowReport]]:
    """Let all flows called inside use this run context: a dry cycle must see its own decisions. Yield their reports.

    A flow run's result cannot always be had from its state: if the reply to its last report is lost, Prefect's client
    sends that again, and gets the state as the server has it, which has no data (``MissingResult``).
    """
    shared = Shared(context, [])
    token = _shared.set(shared)
    try:
        yield shared.reports
    finally:
        _shared.reset(token)


def conclude(run: Run, parts: Sequence[TaskReport]) -> Conclusion:
    """End a flow: in a Prefect run with an artifact and a state named after the outcome, else with the report.

    Records set aside do not make a run fail; an onboarding that could not be reviewed or a source that could not be
    read does, after everything else was done. The run is counted by what its tasks did, before Prefect is told: its
    server may be away.
    """
    report = FlowReport(flow=run.flow, as_of=run.as_of, dry_run=run.context.dry, parts=tuple(parts))
    run.ended.append(report)
    _count(report, run)
    if FlowRunContext.get() is None:
        return report
    if run.context.dry:
        report = replace(report, rehearsed=rehearsed(run.context, run.as_of))
        _log_rehearsal(report)
    else:
        tell(report)
    if (shared := _shared.get()) is not None:
        shared.reports.append(report)
    page = as_markdown(report, stops_in_words(run.context))
    create_markdown_artifact(key=run.flow, markdown=page, description=f"{run.flow}: {report.outcome}")
    end = Failed if report.failures else Completed
    return end(name=report.outcome, message=report.outcome, data=report)


def _count(report: FlowReport, run: Run) -> None:
    """Count the run for monitoring, and tell ops of a wrong clock and of a long time without; one about some accounts
    says nothing of the sweeps.

    A count that cannot be kept is logged: what the run did is done.
    """
    if run.context.dry:
        return
    seconds = time.monotonic() - run.began
    end = SweepEnd(flow=report.flow, seconds=seconds, succeeded=not report.failures)
    try:
        before = count_run(run.context, None if run.scope.accounts else end, report.deliveries)
        if report.flow == MAIN_SWEEP and not run.scope.accounts:
            tell_of_clock(run.context, run.as_of, before.last_end if before else None)
            if before is not None:
                usual = None if _deployed() else before.usual_gaps
                tell_of_down_time(run.context, run.as_of, before.last_end, report.deliveries, usual)
    except Exception:
        logger.warning("this run of %s is not counted for monitoring", report.flow, exc_info=True)


def _log_rehearsal(report: FlowReport) -> None:
    log = get_run_logger()
    log.info("dry run: nothing was written or sent")
    for one in report.rehearsed[:MOST_LOGGED]:
        log.info("dry run: %s", in_words(one))
    if (more := len(report.rehearsed) - MOST_LOGGED) > 0:
        log.info("dry run: and %d more", more)


def run_name() -> str:
    """Return the name of a run in Prefect's list: ``onboard-accounts 2026-03-02 10:00Z, 3 accounts, dry run``."""
    options = flow_run.parameters.get("options")
    given = options if isinstance(options, FlowOptions) else FlowOptions()
    moment = given.as_of or flow_run.scheduled_start_time or datetime.now(UTC)
    notes = [f"{flow_run.flow_name} {moment:%Y-%m-%d %H:%M}Z"]
    if given.accounts:
        notes.append(given.accounts[0] if len(given.accounts) == 1 else f"{len(given.accounts)} accounts")
    return ", ".join([*notes, "dry run"] if given.dry_run else notes)


def check_moment(context: RunContext, as_of: datetime) -> None:
    """Raise Refused for a moment ahead where messages could really leave."""
    real = not all(adapter.embedded for adapter in (context.mail, context.chat, context.crm))
    if as_of > context.wall_clock() and real and not context.dry:
        raise Refused(
            f"as-of {as_of:%Y-%m-%d %H:%M}Z lies ahead, and mail, Slack or CRM are real: messages would "
            "leave early. Give a moment that has passed, or look ahead with a dry run"
        )


def _deliver_as_task_run(run: ChannelRun, scope: Scope) -> DeliveryReport:
    return deliver_channel(run.channel, _unvisited(run), scope)


def _unvisited(value: Value) -> Value:
    """Keep Prefect from searching an argument for other tasks' results; the task gets the value itself.

    Prefect searches every argument twice. With the run context (settings, playbooks, the team) that takes 52-69 ms of
    CPU a task run, and 5 ms with ``quote``.
    """
    return cast(Value, quote(value))


def _context(options: FlowOptions) -> AbstractContextManager[RunContext]:
    if (shared := _shared.get()) is not None:
        return nullcontext(shared.context)
    return open_run_context(load_settings(), create=not _deployed(), dry=options.dry_run)


def _run(flow: str, context: RunContext, as_of: datetime, options: FlowOptions) -> Run:
    check_moment(context, as_of)
    accounts = accounts_meant(context, options.accounts) if options.accounts else None
    scope = Scope(accounts=accounts, by=options.actor or "first90", reason=options.reason)
    return Run(flow=flow, context=context, as_of=as_of, scope=scope, began=time.monotonic(), ended=[])


def _deployed() -> bool:
    prefect_run = FlowRunContext.get()
    return (
        prefect_run is not None and prefect_run.flow_run is not None and prefect_run.flow_run.deployment_id is not None
    )
