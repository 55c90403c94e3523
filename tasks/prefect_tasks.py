"""The Prefect tasks that the flows call, each a function of this room under Prefect's own ``@task``.

Ops see a task's name and description on its task runs. Flows call them through ``flows.run.Run``. Only
flows import this module: Prefect takes 1.6 s of CPU and 84 MB to import, more than the whole of ``first90 status``.
"""

from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from onboarding.metrics.period import Period
from onboarding.model.vocabulary import Channel, Stage
from tasks.delivery.channel_loop import run_channel
from tasks.delivery.channel_run import ChannelRun
from tasks.intake import sources
from tasks.reporting.publish import publish
from tasks.review import check_ins, escalations
from tasks.review.stages import review_stage
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport, IntakeReport, MetricsReport, ReviewReport, SignalReport
from tasks.runtime.scope import Scope

ONCE: dict[str, Any] = {"retries": 0, "cache_policy": NO_CACHE, "persist_result": False}
"""A task has no retries, cache or stored result: the effects table makes a repeat harmless, not Prefect, and a cached
result would swallow a message."""


@task(name="take-in-deals", task_run_name="take-in-deals", **ONCE)
def take_in_deals(context: RunContext, as_of: datetime, scope: Scope) -> IntakeReport:
    """Read what changed in the CRM and open or extend an onboarding for every won deal."""
    return sources.take_in_deals(context, as_of, scope)


@task(name="take-back-milestones", task_run_name="take-back-milestones", **ONCE)
def take_back_milestones(context: RunContext, as_of: datetime, scope: Scope) -> IntakeReport:
    """Read the milestones that people changed in the CRM and keep them as facts."""
    return sources.take_back_milestones(context, as_of, scope)


@task(name="take-in-signals", task_run_name="take-in-signals", **ONCE)
def take_in_signals(context: RunContext, as_of: datetime, scope: Scope) -> SignalReport:
    """Read the product's signals and mark the onboardings they concern for review."""
    return sources.take_in_signals(context, as_of, scope)


@task(name="1-handoff", task_run_name="1-handoff", **ONCE)
def run_handoff(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Stage 1, sales to success: ask sales for what is missing, send the welcome and the kickoff invitation."""
    return review_stage(context, as_of, scope, Stage.HANDOFF)


@task(name="2-kickoff", task_run_name="2-kickoff", **ONCE)
def run_kickoff(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Stage 2: follow the kickoff until it is booked and held and the goals are measurable."""
    return review_stage(context, as_of, scope, Stage.KICKOFF)


@task(name="3-setup", task_run_name="3-setup", **ONCE)
def run_setup(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Stage 3: follow the technical items until all are done, within the tier's deadline."""
    return review_stage(context, as_of, scope, Stage.SETUP)


@task(name="4-training", task_run_name="4-training", **ONCE)
def run_training(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Stage 4: follow the training of each role until its people do their daily work in the product."""
    return review_stage(context, as_of, scope, Stage.TRAINING)


@task(name="5-first-value", task_run_name="5-first-value", **ONCE)
def run_first_value(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Stage 5: tell both sides of the activation, plan the next ninety days and hand over to the success team."""
    return review_stage(context, as_of, scope, Stage.FIRST_VALUE)


STAGE_TASKS = (run_handoff, run_kickoff, run_setup, run_training, run_first_value)
"""In the order in which a run calls them."""


@task(name="check-ins", task_run_name="check-ins", **ONCE)
def review_check_ins(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Plan the check-ins of day 7, 30 and 90 and the status mails that are due."""
    return check_ins.send_check_ins(context, as_of, scope)


@task(name="stalls", task_run_name="stalls", **ONCE)
def review_stalls(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Find stalled onboardings and open, climb and close their escalations."""
    return escalations.escalate_stalled(context, as_of, scope)


@task(name="digests", task_run_name="digests", **ONCE)
def write_digests(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Write each person's daily digest and tell ops what could not be read or sent."""
    return escalations.write_digests(context, as_of, scope)


@task(name="weekly-report", task_run_name="weekly-report", **ONCE)
def report_week(context: RunContext, as_of: datetime, scope: Scope) -> MetricsReport:
    """Make the report of the week and plan its mails."""
    return publish(context, as_of, scope, Period.WEEKLY)


@task(name="monthly-report", task_run_name="monthly-report", **ONCE)
def report_month(context: RunContext, as_of: datetime, scope: Scope) -> MetricsReport:
    """Make the report of the month and plan its mails."""
    return publish(context, as_of, scope, Period.MONTHLY)


@task(name="deliver", task_run_name="deliver-{channel}", **ONCE)
def deliver_channel(channel: Channel, run: ChannelRun, scope: Scope) -> DeliveryReport:
    """Send everything that is due on one channel: mail, Slack or CRM. ``channel`` is the channel's, for the name."""
    return run_channel(run, scope)
