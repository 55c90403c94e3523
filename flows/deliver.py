"""The sweep that sends what is due, every five minutes."""

from prefect import flow

from flows.options import EVERYTHING_OWED, DeliveryOptions
from flows.run import Conclusion, begin, conclude, run_name

NAME = "deliver"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
def deliver(options: DeliveryOptions = EVERYTHING_OWED) -> Conclusion:
    """Send what is due: retries whose time has come, and what another run planned but did not get to send.

    Runs every five minutes. Reads and changes effects alone; it decides nothing about any onboarding. Safe
    to run twice, and beside any other run: an effect is leased by one run at a time and leaves once under
    its key.
    """
    with begin(NAME, options) as run:
        return conclude(run, run.deliver(options.channels))
