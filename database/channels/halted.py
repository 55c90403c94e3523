"""The channels on which nothing leaves now, and why: a person stopped them, or their breaker shut them."""

from collections.abc import Mapping

from sqlalchemy import Connection

from database.channels.breakers import troubles
from database.channels.stops import EVERYTHING, stops
from onboarding.model.phrases import moment_words
from onboarding.model.vocabulary import Channel


def halted(conn: Connection) -> Mapping[Channel, str]:
    """Return why each halted channel is, in words. A stop is named before an outage, because only a person lifts it."""
    down = {breaker.channel: breaker for breaker in troubles(conn) if breaker.shut_until is not None}
    stopped = {stop.channel: stop for stop in stops(conn)}
    found = {}
    for channel in Channel:
        if stop := stopped.get(EVERYTHING) or stopped.get(channel.value):
            found[channel] = f"stopped by {stop.by} on {moment_words(stop.at)}: {stop.reason.rstrip('.')}"
        elif breaker := down.get(channel.value):
            found[channel] = f"it is down since {moment_words(breaker.since)}: {breaker.error.rstrip('.')}"
    return found
