"""What a sender's outcomes mean to the ledger: answers, doubts, and the CRM rows that are known from now on."""

from collections.abc import Iterable

from database.crm.written_rows import CrmRow
from database.outbox.results import Answer
from integrations.ports import Guarantee, Outcome
from onboarding.effects.events import DoubtPolicy
from onboarding.model.vocabulary import Channel
from tasks.delivery.recheck import Ready
from tasks.delivery.send_pool import Sent
from tasks.runtime.context import RunContext


def doubt_of(context: RunContext, channel: Channel) -> DoubtPolicy:
    """A keyed channel drops a repeat, a lookup channel can be asked; for a plain one the operator has chosen."""
    guarantee = context.sender(channel).guarantee
    if guarantee == Guarantee.KEYED:
        return DoubtPolicy.REPEAT
    if guarantee == Guarantee.LOOKUP:
        return DoubtPolicy.ASK
    resend = context.settings.mail_in_doubt == "resend" and channel is Channel.MAIL
    return DoubtPolicy.REPEAT if resend else DoubtPolicy.PARK


def as_answer(one: Ready, outcome: Outcome) -> Answer:
    """What a sender said of one effect, in the words of the ledger."""
    return Answer(
        key=one.effect.key,
        state=outcome.state,
        provider_id=outcome.provider_id,
        error=outcome.error,
        retry_after=outcome.retry_after,
        whole_lane=outcome.whole_lane,
        needs_person=outcome.needs_person,
        patient=outcome.patient,
    )


def rows_written(pairs: Iterable[Sent]) -> list[CrmRow]:
    """The rows that a CRM took, to be remembered in the transaction that settles them."""
    return [
        CrmRow(
            key=one.payload["key"],
            onboarding_key=one.effect.onboarding_key or "",
            values={name: value for name, value in one.payload["fields"].items() if value is not None},
        )
        for one, outcome in pairs
        if outcome.state == "sent"
    ]
