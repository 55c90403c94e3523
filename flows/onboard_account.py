"""The main sweep for named accounts, started by hand."""

from prefect import flow

from flows.options import NamedAccounts
from flows.reports import TaskReport
from flows.run import Conclusion, begin, conclude, run_name
from onboarding.model.vocabulary import Channel
from tasks.prefect_tasks import STAGE_TASKS, review_check_ins, review_stalls, take_in_deals, take_in_signals

NAME = "onboard-account"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def onboard_account(options: NamedAccounts) -> Conclusion:
    """Do for the named accounts, now, what the sweeps would do: stages, check-ins, stalls, delivery.

    Started by ops, with a reason and a name that are kept in the journal. It is a dry run unless that is switched off:
    the artifact and the log show what would be sent to whom, and nothing is written or sent.
    Reads the CRM and the product's signals, and changes nothing of any other account. Safe to run twice,
    and beside the sweeps: it plans the same effects under the same keys, and a save holds only on the
    version that was read.
    """
    with begin(NAME, options) as run:
        parts: list[TaskReport] = [run.call(take_in_deals), run.call(take_in_signals)]
        parts += [run.call(run_stage) for run_stage in STAGE_TASKS]
        parts += [run.call(review_check_ins), run.call(review_stalls)]
        parts += run.deliver(Channel)
        return conclude(run, parts)
