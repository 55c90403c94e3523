"""Sends at once what an answer about a call makes due: invitations, changes of them, cancellations."""

import logging

from onboarding.model.vocabulary import Channel, Concern
from tasks.delivery.deliver_all import deliver
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope

logger = logging.getLogger(__name__)


def invite(context: RunContext, onboarding: str, account: str) -> None:
    """Review the onboarding and send the mails of its account that are due; if this fails, the next run does it. Never
    raises, and is safe to repeat: each version of an invitation is one effect."""
    now, by = context.wall_clock(), "the plan page"
    try:
        review_named(context, [onboarding], now, by, frozenset(Concern))
        deliver(context, now, Channel.MAIL, Scope(accounts=frozenset({account}), by=by))
    except Exception as error:
        logger.error("invitations of onboarding %s have not left yet: %s", onboarding, type(error).__name__)
