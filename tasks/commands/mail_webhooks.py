"""A webhook post of a mail provider, from raw bytes to what it changes."""

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
    """Take in one post; answers how many of its events were new, None where this provider is not set.

    An event that cannot be read is passed over, and the log says what was wrong with how many: refused, the post would
    come again as it is until the provider gives it up, and its other events would be lost with it.
    Raises Forged (nothing was read) and Unreadable (nothing was changed). Safe to repeat.
    """
    heard = read_hook(context.settings.mail_hooks, provider, headers, body, context.wall_clock())
    if heard is None:
        return None
    for wrong, times in sorted(Counter(heard.odd).items()):
        logger.warning("webhook of %s: passed over %d of its events: %s", provider, times, wrong)
    fresh = take_reports(context, heard.reports, present(context)) if heard.reports else 0
    logger.info("webhook of %s: %d reports, %d of them new", provider, len(heard.reports), fresh)
    return fresh
