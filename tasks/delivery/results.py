"""What a sender and its results mean to the ledger: what is done in doubt, and the CRM rows that were written."""

from collections.abc import Iterable

from config.settings.readings import MailInDoubt
from database.crm.written_rows import WrittenRow
from integrations.ports import Guarantee
from onboarding.effects.events import DoubtPolicy
from onboarding.effects.payloads import read_row
from onboarding.effects.send_result import ResultState
from onboarding.model.vocabulary import Channel
from tasks.delivery.send_pool import Sent
from tasks.runtime.context import RunContext


def doubt_of(context: RunContext, channel: Channel) -> DoubtPolicy:
    """Return what is done in doubt: a keyed channel drops a repeat, a lookup channel can be asked; for a plain one the
    operator chooses."""
    guarantee = context.sender(channel).guarantee
    if guarantee == Guarantee.KEYED:
        return DoubtPolicy.REPEAT
    if guarantee == Guarantee.LOOKUP:
        return DoubtPolicy.ASK
    resend = context.settings.mail_in_doubt is MailInDoubt.RESEND and channel is Channel.MAIL
    return DoubtPolicy.REPEAT if resend else DoubtPolicy.PARK


def rows_written(pairs: Iterable[Sent]) -> list[WrittenRow]:
    """Return the rows that a CRM took, to be remembered in the transaction that records their results."""
    written = ((one.effect, read_row(one.payload)) for one, result in pairs if result.state is ResultState.SENT)
    return [
        WrittenRow(
            key=row.key,
            onboarding_key=effect.onboarding_key or "",
            values={name: value for name, value in row.fields.items() if value is not None},
        )
        for effect, row in written
    ]
