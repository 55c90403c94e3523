"""Whether a customer uses the product as a track asks. Missing data are no silence: where use is not known, a wish
decides (HS-8, ST-15). Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from onboarding.model.phrases import day_words
from onboarding.model.written.track import Track
from onboarding.review_context import ReviewContext

NOT_KNOWN = "whether the product is used is not known"


class Found(NamedTuple):
    """What is known of the use."""

    unwanted: str
    """Why nothing is sent now, in words; empty where it may be."""
    used: bool
    """Whether the product was in use, or a wish was there, as far as usage is known: the phase goes by this."""


def find_use(context: ReviewContext, track: Track) -> Found:
    """Return whether the product is in use, or its use wished. A silence is one only up to the last moment at which
    usage surely came, and from the last that could not be read."""
    usage, last, days = context.case.usage, context.state.last_activity_at, timedelta(days=track.in_use.last_days)
    if not usage.known or (last is None and usage.heard_at is None):
        return _by_wish(context, track, NOT_KNOWN)
    until = min(context.now, usage.known_until or context.now)
    if last is None or last < until - days:
        quiet_since = max(at for at in (last or context.case.signed_at, usage.unread_at) if at is not None)
        if usage.known_until is None or quiet_since > until - days:
            return _by_wish(context, track, f"{NOT_KNOWN}: what came of it could not be read, or is not of so long")
        since = f"since {day_words(last)}" if last else "so far"
        return Found(f"nobody there has used the product {since}", used=False)
    few = _few(context, track, until)
    if last < context.now - days:
        silent = f"{NOT_KNOWN}: nothing has come of it since {day_words(until)}"
        return _by_wish(context, track, silent, used=few == "")
    return _by_wish(context, track, _NAMELESS) if few is None else Found(few, used=not few)


_NAMELESS = "how many people there use the product is not known, as no event names one"


def _few(context: ReviewContext, track: Track, until: datetime) -> str | None:
    """Return why too few people use it; "" if they are enough, None if their number is not known."""
    asked = track.in_use
    users = context.case.usage.users_within(asked.last_days, until)
    if asked.users == 1:
        return ""
    if users is None or users >= asked.users:
        return None if users is None else ""
    return f"too few people there used the product in {asked.last_days} days: {users} of at least {asked.users}"


def _by_wish(context: ReviewContext, track: Track, because: str, *, used: bool = False) -> Found:
    done = context.state.milestones
    wished = any(name in done and done[name].status == "done" for name in track.wish)
    return Found("" if wished else f"{because}, and nobody there has asked for it", used=wished or used)
