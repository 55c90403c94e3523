"""The sweep over stalls and their escalations, every hour."""

from prefect import flow

from flows.options import AS_SCHEDULED, FlowOptions
from flows.run import Conclusion, begin, conclude, run_name
from onboarding.model.vocabulary import Channel
from tasks.prefect_tasks import review_stalls, write_digests

NAME = "escalate-stalled"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def escalate_stalled(options: FlowOptions = AS_SCHEDULED) -> Conclusion:
    """Find accounts that stand still, tell the person whose move it is, and climb the ladder where nothing
    moves.

    Runs every hour; what is urgent is told in the working hours of whom it is told. Reads the onboardings
    whose stalls are due for a look. Changes their episodes, and sends Slack posts and each person's daily
    digest. Safe to run twice: one episode has one thread, each post a number of its own, and a digest its
    date.
    """
    with begin(options) as run:
        return conclude(
            NAME,
            run,
            [
                run.call(review_stalls),
                run.call(write_digests),
                *run.deliver([Channel.SLACK]),
            ],
        )
