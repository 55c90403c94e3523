"""The sweep that reads milestones from the CRM and writes rows to it, every quarter of an hour."""

from prefect import flow

from flows.options import AS_SCHEDULED, FlowOptions
from flows.run import Conclusion, begin, conclude, run_name
from onboarding.model.vocabulary import Channel
from tasks.prefect_tasks import take_back_milestones

NAME = "sync-crm"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def sync_crm(options: FlowOptions = AS_SCHEDULED) -> Conclusion:
    """Take back milestones that people ticked in the CRM, and write stages, milestones, health and dates to
    it.

    Runs every quarter of an hour. Reads the CRM's milestone rows. Changes facts here, and CRM rows there.
    Safe to run twice: rows are upserted under their own key, only what differs from what was written last
    is written, and a tick counts once.
    """
    with begin(NAME, options) as run:
        return conclude(
            run,
            [run.call(take_back_milestones), *run.deliver([Channel.CRM])],
        )
