"""The channels on which nothing leaves now, and why: a person stopped them, or the far side is down."""

from collections.abc import Mapping

from sqlalchemy import Connection

from database.channels.breakers import troubles
from database.channels.stops import EVERYTHING, stops
from onboarding.model.phrases import moment_words
from onboarding.model.vocabulary import Channel


def halted(conn: Connection) -> Mapping[Channel, str]:
    """Each in words; a stop goes before a channel that is down, for only a person lifts it."""
    down = {lane.lane: lane for lane in troubles(conn) if lane.shut_until is not None}
    stopped = {stop.channel: stop for stop in stops(conn)}
    found = {}
    for channel in Channel:
        if stop := stopped.get(EVERYTHING) or stopped.get(channel.value):
            found[channel] = f"stopped by {stop.by} on {moment_words(stop.at)}: {stop.reason.rstrip('.')}"
        elif lane := down.get(channel.value):
            found[channel] = f"it is down since {moment_words(lane.since)}: {lane.error.rstrip('.')}"
    return found
