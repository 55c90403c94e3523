"""The stops in force, as a run shows them."""

import re
from collections.abc import Sequence

from database.channels.stops import stops
from onboarding.messages.stopping import stop_details, stop_headline
from tasks.runtime.context import RunContext

_ADDRESS = re.compile(r"\S+@\S+")


def stops_in_words(context: RunContext) -> Sequence[tuple[str, str]]:
    """Return headline and details of each stop, without any mail address: Prefect stores the page."""
    with context.database.reading() as conn:
        return [
            (
                stop_headline(one.channel),
                stop_details(
                    one.channel, reason=_ADDRESS.sub("(an address)", one.reason), by=one.by.partition("@")[0], at=one.at
                ),
            )
            for one in stops(conn)
        ]
