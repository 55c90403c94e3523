"""What does not leave, and why: stops above all else, then channels that are down, refusals and doubts."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.printing import console, text
from onboarding.values import dataclass

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from database.channels.breakers import Breaker
    from database.channels.stops import Stop
    from database.outbox.held_up import HeldUp

MOST_CAUSES = 8
"""The most refusals and doubts that are listed. Our choice; ``first90 effects`` has them all."""
NAMES = {"mail": "mail", "slack": "Slack", "crm": "CRM"}
_ONE = {"mail": "mail", "slack": "Slack message", "crm": "CRM row"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """All stops, breakers, refusals and doubts at one moment."""

    stops: "tuple[Stop, ...]" = ()
    down: "tuple[Breaker, ...]" = ()
    held_up: "tuple[HeldUp, ...]" = ()

    def __bool__(self) -> bool:
        return bool(self.stops or self.down or self.held_up)

    def as_json(self) -> dict[str, Any]:
        """Return the same as a JSON object."""
        return {"stops": self.stops, "down": self.down, "held_up": self.held_up}

    def lines(self) -> list[str]:
        """Return a sentence each for channels that are down, refusals and doubts; ``print_stops`` prints the stops."""
        waiting = list(self.held_up)
        found = []
        for breaker in self.down:
            channel, error = breaker.channel, breaker.error
            same = [one for one in waiting if one.channel == channel and one.error == error and not one.in_doubt]
            waiting = [one for one in waiting if one not in same]
            owed = f" {_counted(channel, sum(one.count for one in same))} until it is up." if same else ""
            name = NAMES.get(channel, channel)
            found.append(f"{name} is down since {breaker.since:%d %b %H:%M} UTC: {_sentence(error)}{owed}")
        found += [_told(one) for one in waiting[:MOST_CAUSES]]
        if more := len(waiting) - MOST_CAUSES:
            found += [f"and {more} more causes; first90 effects has them"] if more > 0 else []
        return found


def standstill(conn: "Connection") -> Standstill:
    """Return the standstill of this moment."""
    from database.channels.breakers import troubles
    from database.channels.stops import stops
    from database.outbox.held_up import held_up

    down = tuple(breaker for breaker in troubles(conn) if breaker.shut_until is not None)
    return Standstill(stops=stops(conn), down=down, held_up=held_up(conn, datetime.now(UTC)))


def print_stops(stopped: "Iterable[Stop]", *, aside: bool = False) -> None:
    """Print each stop as a headline, with who, since when and why. ``aside``: on standard error, where standard output
    holds the JSON of something else."""
    for one in stopped:
        # Imported only where something is stopped: it imports all posts.
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
