"""The sweep over check-ins and status mails, every hour."""

from prefect import flow

from flows.options import AS_SCHEDULED, FlowOptions
from flows.reports import TaskReport
from flows.run import Conclusion, begin, conclude, run_name
from onboarding.model.vocabulary import Channel
from tasks.prefect_tasks import review_check_ins

NAME = "send-check-ins"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def send_check_ins(options: FlowOptions = AS_SCHEDULED) -> Conclusion:
    """Send the check-ins of day 7, 30 and 90 and the status mails of each tier's cadence that are due.

    Runs every hour, so that a morning in any time zone is met. Reads the onboardings whose next check-in is
    due. Changes their touchpoints, and sends the mails and Slack posts. Safe to run twice: a touchpoint is
    settled once, and its mails leave once under their keys; one found late is sent, skipped or merged as
    the playbook says.
    """
    with begin(NAME, options) as run:
        parts: list[TaskReport] = [run.call(review_check_ins)]
        parts += run.deliver((Channel.MAIL, Channel.SLACK))
        return conclude(run, parts)
