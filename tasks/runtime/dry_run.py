"""What a dry run would have sent and planned: accounts and steps, never an address or a person's name."""

from datetime import datetime

from database.onboardings.activity import effects_at
from integrations.recording import Recording
from onboarding.model.vocabulary import UNSENT, Channel
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Rehearsed


def rehearsed(context: RunContext, as_of: datetime) -> tuple[Rehearsed, ...]:
    """Return what would be sent now, then what would be planned for later, each by account and date.

    What would be sent is what the recording senders hold. Empty for a run that is no dry run.
    """
    if not context.dry:
        return ()
    senders = [context.sender(channel) for channel in Channel]
    taken = {outgoing.key for sender in senders if isinstance(sender, Recording) for outgoing in sender.messages}
    with context.database.reading() as conn:
        lines = effects_at(conn, as_of)
    found = [
        Rehearsed(
            channel=Channel(line["channel"]),
            step=line["kind"],
            account=line["account_name"] or "",
            role=line["role"],
            due_at=line["due_at"],
            now=line["key"] in taken,
        )
        for line in lines
        if line["key"] in taken or line["state"] in UNSENT
    ]
    return tuple(sorted(found, key=lambda one: (not one.now, one.account.casefold(), one.due_at, one.step)))
