"""How far clocks are off: this machine's beside the database's, and first90's beside those of other services.

first90 goes by the database's clock (on SQLite this machine's), so what is compared with a service's is that one. What
each machine found is kept in the database for its next run and for the metrics; nothing is asked for it.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from database import key_values
from database.key_values import CLOCKS
from integrations.far_clocks import Reading, heard

if TYPE_CHECKING:
    from tasks.runtime.context import RunContext

KEPT = timedelta(days=1)
"""For how long a machine counts that has run nothing since: pods come and go. This project's choice."""
DATABASE, SERVICES = "database", "services"
Offsets = Mapping[tuple[str, str], float]
"""Seconds, by machine and what it was compared with."""


@dataclass(frozen=True, slots=True)
class FarClock:
    """How far first90's clock is ahead of all services that it has heard, with the name of the nearest."""

    ahead: timedelta
    service: str


def kept_readings(conn: Connection) -> Mapping[str, Reading]:
    """Return what this machine had heard of the services' clocks by its last run, as far as it counts still."""
    kept = key_values.read(conn, CLOCKS)
    return _readings(_read(kept.value if kept else "{}").get(socket.gethostname(), {}))


def far_clock(context: "RunContext", kept: Mapping[str, Reading]) -> FarClock | None:
    """Return how far first90's clock is ahead of the service whose clock is nearest to it; None where none was heard
    since the clock was set.

    The nearest, so that one service with a wrong clock of its own stops nothing while another one is heard.
    """
    found = {**kept, **heard()}
    far = [FarClock(one.ahead - context.clock_ahead, service) for service, one in found.items()]
    return min(far, key=lambda one: (abs(one.ahead), one.service), default=None)


def keep_clocks(conn: Connection, context: "RunContext") -> None:
    """Keep what this machine knows of clocks, in place of what it knew before. Safe to repeat."""
    now, machine = context.wall_clock(), socket.gethostname()
    known = _read(key_values.hold(conn, CLOCKS, "{}", now))
    far = {**_readings(known.get(machine, {})), **heard()}
    known[machine] = {
        "at": now.isoformat(),
        DATABASE: context.clock_ahead.total_seconds(),
        SERVICES: {
            service: [one.ahead.total_seconds(), one.started.isoformat(), one.heard_at.isoformat()]
            for service, one in far.items()
        },
    }
    key_values.write(conn, CLOCKS, json.dumps(known), now)


def offsets(conn: Connection, now: datetime) -> Offsets:
    """Return how far ahead each machine's clock is of the database's, and first90's clock there of each service's."""
    kept = key_values.read(conn, CLOCKS)
    found: dict[tuple[str, str], float] = {}
    for machine, said in _read(kept.value if kept else "{}").items():
        if abs(now - datetime.fromisoformat(said["at"])) < KEPT:
            found[machine, DATABASE] = said[DATABASE]
            far = said.get(SERVICES, {}).items()
            found |= {(machine, service): ahead - said[DATABASE] for service, (ahead, *_) in far}
    return found


def _read(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def _readings(said: Mapping[str, Any]) -> Mapping[str, Reading]:
    """Return what a machine kept of services, as far as it counts still."""
    found = {
        service: Reading(timedelta(seconds=ahead), *(datetime.fromisoformat(one).astimezone(UTC) for one in moments))
        for service, (ahead, *moments) in said.get(SERVICES, {}).items()
    }
    return {service: one for service, one in found.items() if one.holds}
