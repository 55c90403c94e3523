"""Shows at once what a person's request changed: messages are edited, and what it makes due goes out."""

import logging

from database.onboardings import openings, orders
from onboarding.model.vocabulary import Channel, Concern
from onboarding.sentences.sentence import sentence
from tasks.delivery.deliver_all import deliver
from tasks.review.batches import review_named
from tasks.runtime.scope import Scope
from tasks.slack.requests import SlackRequest

logger = logging.getLogger(__name__)

FAULT = sentence("replies.fault")
RECORDED = sentence("replies.recorded")


def show(request: SlackRequest, concerns: frozenset[Concern] = frozenset({Concern.ESCALATIONS})) -> None:
    """Review the onboarding and update its messages, by effects as all messages; if this fails, the next run does it.

    With more than escalations among ``concerns``, mails that are due now leave too.
    """
    context, key, now = request.context, request.onboarding, request.now
    try:
        with context.database.writing() as conn:
            (account,) = openings.accounts_of(conn, [key]).values()
            orders.answered(conn, key, now)
        review_named(context, [key], now, request.by, concerns)
        scope = Scope(accounts=frozenset({account}), by=request.by)
        if concerns > {Concern.ESCALATIONS}:
            deliver(context, now, Channel.MAIL, scope)
        deliver(context, now, Channel.SLACK, scope)
    except Exception as error:
        logger.error("messages of onboarding %s are not up to date yet: %s", key, type(error).__name__)
