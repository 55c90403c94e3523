"""A webhook post of a mail provider, from raw bytes to what it changes."""

import logging
from collections.abc import Mapping

from integrations.mail_hooks import Forged, Unreadable, read_hook
from tasks.clock import present
from tasks.rights import take_reports
from tasks.workplace import Workplace

__all__ = ["Forged", "Unreadable", "take_post"]

logger = logging.getLogger(__name__)


def take_post(place: Workplace, provider: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Take in one post; answers how many of its events were new, None where this provider is not set.

    Raises Forged (nothing was read) and Unreadable (nothing was changed). Safe to repeat.
    """
    reports = read_hook(place.settings.mail_hooks, provider, headers, body, place.wall_clock())
    if reports is None:
        return None
    fresh = take_reports(place, reports, present(place)) if reports else 0
    logger.info("webhook of %s: %d reports, %d of them new", provider, len(reports), fresh)
    return fresh
