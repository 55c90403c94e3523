"""Turns a sender's outcomes into what the ledger records: results, doubts and the CRM rows that were written."""

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
    """Return what is done in doubt: a keyed channel drops a repeat, a lookup channel can be asked; for a plain one the
    operator chooses."""
    guarantee = context.sender(channel).guarantee
    if guarantee == Guarantee.KEYED:
        return DoubtPolicy.REPEAT
    if guarantee == Guarantee.LOOKUP:
        return DoubtPolicy.ASK
    resend = context.settings.mail_in_doubt == "resend" and channel is Channel.MAIL
    return DoubtPolicy.REPEAT if resend else DoubtPolicy.PARK


def as_answer(one: Ready, outcome: Outcome) -> Answer:
    """Return a sender's outcome for one effect as the result that the ledger records."""
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
    """Return the rows that a CRM took, to be remembered in the transaction that records their results."""
    return [
        CrmRow(
            key=one.payload["key"],
            onboarding_key=one.effect.onboarding_key or "",
            values={name: value for name, value in one.payload["fields"].items() if value is not None},
        )
        for one, outcome in pairs
        if outcome.state == "sent"
    ]
