"""The main sweep: intake, stages and delivery, every ten minutes."""

from prefect import flow

from flows.options import AS_SCHEDULED, FlowOptions
from flows.reports import TaskReport
from flows.run import Conclusion, begin, conclude, run_name
from onboarding.model.vocabulary import Channel
from tasks.prefect_tasks import STAGE_TASKS, take_in_deals, take_in_signals

NAME = "onboard-accounts"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def onboard_accounts(options: FlowOptions = AS_SCHEDULED) -> Conclusion:
    """Take in won deals and facts, move every due onboarding through its five stages, and send what
    follows.

    Runs every ten minutes. Reads the CRM, the product's signals, and the onboardings whose stage work is
    due. Changes those onboardings, and sends their mails, Slack posts and CRM rows. Safe to run twice: a
    deal is opened under its own id, a fact counts once under its key, and an effect leaves once under its
    key; what is done is no longer due.
    """
    with begin(NAME, options) as run:
        parts: list[TaskReport] = [run.call(take_in_deals), run.call(take_in_signals)]
        parts += [run.call(run_stage) for run_stage in STAGE_TASKS]
        parts += run.deliver(Channel)
        return conclude(run, parts)
