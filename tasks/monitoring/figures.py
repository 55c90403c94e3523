"""The figures of monitoring: read in one snapshot, from the database alone, so that every process tells the same.

They hold counts and times and no personal data: no name, no address, no key of an account or effect.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.channels.breakers import troubles
from database.channels.stops import EVERYTHING, stops
from database.engine import HEAD, Database, DatabaseProblem, revision
from database.reporting.monitoring import (
    OpenEffects,
    count_onboardings_by_stage,
    count_set_aside,
    count_stalls,
    open_effects,
)
from integrations.ports import Allowance
from onboarding.model.vocabulary import Channel, Severity, Stage, Status
from tasks.monitoring.tally import Tally, read_tally
from tasks.review.clocks import Offsets, offsets
from tasks.runtime.clock import present_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is counted, at one moment."""

    at: datetime
    """The clock of the runs, by which effects are due."""
    effects: OpenEffects
    onboardings: Mapping[tuple[Status, Stage], int]
    stalls: Mapping[Severity, int]
    set_aside: Mapping[str, int]
    down: frozenset[Channel]
    stopped: frozenset[Channel]
    allowance: Allowance | None
    tally: Tally
    clocks: Offsets

    def overdue_seconds(self, channel: Channel) -> float:
        """Return for how long the oldest due effect of a channel has been due; 0 where none is."""
        due = self.effects.next_at.get(channel)
        return 0.0 if due is None else max(0.0, (self.at - due).total_seconds())


def figures_of(database: Database, now: datetime) -> Figures | None:
    """Return the figures; None where the database does not answer, or not with the schema of this program."""
    try:
        if revision(database) != HEAD:
            return None
    except DatabaseProblem:
        return None
    with database.reading() as conn:
        return read_figures(conn, now)


def read_figures(conn: Connection, now: datetime) -> Figures:
    """Return the figures; ``now`` is the wall clock's. Twelve statements, however many accounts there are."""
    halted = {one.channel for one in stops(conn)}
    allowance = key_values.read(conn, key_values.ALLOWANCE)
    return Figures(
        at=present_in(conn, now),
        effects=open_effects(conn),
        onboardings=count_onboardings_by_stage(conn),
        stalls=count_stalls(conn),
        set_aside=count_set_aside(conn),
        down=down_channels(conn),
        stopped=frozenset(one for one in Channel if not halted.isdisjoint({one.value, EVERYTHING})),
        allowance=_allowance(allowance.value) if allowance else None,
        tally=read_tally(conn),
        clocks=offsets(conn, now),
    )


def down_channels(conn: Connection) -> frozenset[Channel]:
    """Return the channels that their breaker has shut."""
    return frozenset(Channel(one.channel) for one in troubles(conn) if one.shut_until is not None)


def _allowance(text: str) -> Allowance:
    kept = json.loads(text)
    return Allowance(used=kept["used"], limit=kept["limit"], floor=kept["floor"])
