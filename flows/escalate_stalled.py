"""The sweep over stalls and their escalations, every hour."""

from prefect import flow

from flows.options import AS_SCHEDULED, FlowOptions
from flows.run import Conclusion, begin, conclude, run_name
from onboarding.model.vocabulary import Channel
from tasks.prefect_tasks import review_stalls, write_digests

NAME = "escalate-stalled"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def escalate_stalled(options: FlowOptions = AS_SCHEDULED) -> Conclusion:
    """Find stalled accounts, tell the person whose move it is, and climb the ladder where nothing moves.

    Runs every hour; urgent messages are sent in the working hours of their reader. Reads the onboardings whose stalls
    are due for review. Changes their episodes, and sends Slack posts and each person's daily digest. Safe to run
    twice: one episode has one thread, each post a number of its own, and a digest its date.
    """
    with begin(NAME, options) as run:
        return conclude(
            run,
            [
                run.call(review_stalls),
                run.call(write_digests),
                *run.deliver([Channel.SLACK]),
            ],
        )
