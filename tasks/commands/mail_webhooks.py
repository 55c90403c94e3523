"""Takes in the webhook requests of a mail provider."""

import logging
from collections import Counter
from collections.abc import Mapping

from integrations.mail.webhooks import Forged, Unreadable, read_hook
from tasks.commands.suppressions import take_reports
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext

__all__ = ["Forged", "Unreadable", "take_post"]

logger = logging.getLogger(__name__)


def take_post(context: RunContext, provider: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Take in one request; return how many of its events were new, None where this provider is not set.

    An event that cannot be read is passed over and logged: if the request were refused, the provider would repeat it
    unchanged until it gives up, and the other events would be lost with it.
    Raises Forged (nothing was read) and Unreadable (nothing was changed). Safe to repeat.
    """
    events = read_hook(context.settings.mail_hooks, provider, headers, body, context.wall_clock())
    if events is None:
        return None
    for wrong, times in sorted(Counter(events.odd).items()):
        logger.warning("webhook of %s: passed over %d of its events: %s", provider, times, wrong)
    fresh = take_reports(context, events.reports, present(context)) if events.reports else 0
    logger.info("webhook of %s: %d reports, %d of them new", provider, len(events.reports), fresh)
    return fresh
