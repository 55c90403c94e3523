"""The metrics, every week and every month."""

from prefect import flow

from flows.options import EVERY_WEEK, Reporting
from flows.run import Conclusion, begin, conclude, run_name
from onboarding.metrics.period import Period
from onboarding.model.vocabulary import Channel
from tasks.prefect_tasks import report_month, report_week

NAME = "report-metrics"
TASKS = {Period.WEEKLY: report_week, Period.MONTHLY: report_month}


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def report_metrics(options: Reporting = EVERY_WEEK) -> Conclusion:
    """Tell how onboarding goes: the metrics with their intervals, what moved, and what got worse.

    Runs every week and every month. Reads every onboarding as it is known at that moment. Changes no onboarding: it
    keeps the report's page for the board, sends a short mail to the leaders of the team file, and tells the managers'
    channel what got worse. Safe to run twice: the report of one week or month has one name, and its mail leaves
    once.
    """
    with begin(NAME, options) as run:
        return conclude(run, [run.call(TASKS[options.period]), *run.deliver([Channel.MAIL, Channel.SLACK])])
