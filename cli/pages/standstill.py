"""What does not leave, and why: a stop in big words above all else, then channels that are down, refusals, doubts."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.printing import console, text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from database.channels.breakers import Breaker
    from database.channels.stops import Stop
    from database.outbox.held_up import HeldUp

MOST_CAUSES = 8
"""Of refusals and doubts; ours. The list of effects has them all."""
NAMES = {"mail": "mail", "slack": "Slack", "crm": "CRM"}
_ONE = {"mail": "mail", "slack": "Slack message", "crm": "CRM row"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """All that keeps something from leaving at one moment."""

    stops: "tuple[Stop, ...]" = ()
    down: "tuple[Breaker, ...]" = ()
    held_up: "tuple[HeldUp, ...]" = ()

    def __bool__(self) -> bool:
        return bool(self.stops or self.down or self.held_up)

    def as_json(self) -> dict[str, Any]:
        """The same for an answer that is an object."""
        return {"stops": self.stops, "down": self.down, "held_up": self.held_up}

    def lines(self) -> list[str]:
        """Channels that are down, refusals and doubts, a sentence each. Stops have words of their own."""
        waiting = list(self.held_up)
        found = []
        for lane in self.down:
            same = [one for one in waiting if one.channel == lane.lane and one.error == lane.error and not one.in_doubt]
            waiting = [one for one in waiting if one not in same]
            owed = f" {_counted(lane.lane, sum(one.count for one in same))} until it is up." if same else ""
            name = NAMES.get(lane.lane, lane.lane)
            found.append(f"{name} is down since {lane.since:%d %b %H:%M} UTC: {_sentence(lane.error)}{owed}")
        found += [_told(one) for one in waiting[:MOST_CAUSES]]
        if more := len(waiting) - MOST_CAUSES:
            found += [f"and {more} more causes; first90 effects has them"] if more > 0 else []
        return found


def standstill(conn: "Connection") -> Standstill:
    """How it stands now."""
    from database.channels.breakers import troubles
    from database.channels.stops import stops
    from database.outbox.held_up import held_up

    down = tuple(lane for lane in troubles(conn) if lane.shut_until is not None)
    return Standstill(stops=stops(conn), down=down, held_up=held_up(conn, datetime.now(UTC)))


def print_stops(stopped: "Iterable[Stop]", *, aside: bool = False) -> None:
    """Each stop in big words, with who, since when and why. ``aside``: on standard error, where the answer is a list of
    something else."""
    for one in stopped:
        # Only where something is stopped: it loads all that posts say.
        from onboarding.messages.stopping import stop_details, stop_headline

        headline = stop_headline(one.channel)
        details = stop_details(one.channel, reason=one.reason, by=one.by, at=one.at)
        if aside:
            print(f"first90: {headline}. {details}", file=sys.stderr, flush=True)  # noqa: T201
            continue
        out = console()
        out.print(f"[bold red]*** {text(headline)} ***[/bold red]")
        out.print(f"{text(details)}\n")


def _told(one: "HeldUp") -> str:
    waiting = _counted(one.channel, one.count)
    if one.in_doubt:
        cause = one.error or "the program stopped while it was being sent"
        return (
            f"{waiting}, in doubt whether it arrived: {_sentence(cause)} It is asked for by itself, and not sent again "
            "before that is known; first90 effects --state sending"
        )
    again = f" Next try {one.again_at:%d %b %H:%M} UTC." if one.again_at else ""
    return f"{waiting}, refused for now: {_sentence(one.error)}{again}"


def _counted(channel: str, count: int) -> str:
    noun = _ONE.get(channel, channel)
    return f"1 {noun} waits" if count == 1 else f"{count} {noun}s wait"


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."
