"""Counts of sweeps and sends that go on over all processes and machines: they are in the database, not in a process.

One value by name holds them, changed once at the end of each flow run. A run that is killed leaves none, and one that
an error ends has no report on its sends: they are missing here; the effects themselves are not.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from database import key_values
from database.key_values import MONITORED
from onboarding.model.vocabulary import Channel
from tasks.review.clocks import keep_clocks
from tasks.runtime.reports import DeliveryReport

if TYPE_CHECKING:
    from tasks.runtime.context import RunContext

MAIN_SWEEP = "onboard-accounts"
"""The sweep that must run at least once an hour: it takes in facts, moves stages and sends."""

GAPS = 7
"""How many times between two sweeps are kept: a week of somebody who runs it once a day."""
RESULTS = ("sent", "failed", "unknown")
"""As in the output of ``first90 run``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepEnd:
    """How one run of a flow over all accounts ended."""

    flow: str
    seconds: float
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeps:
    """All such runs of one flow so far. Moments are the wall clock's, in seconds since 1970."""

    ended_at: float = 0
    succeeded_at: float = 0
    """0: none has."""
    last_seconds: float = 0
    total_seconds: float = 0
    runs: int = 0
    failed: int = 0
    gaps: tuple[float, ...] = ()
    """The last times between two ends, in seconds, the newest last."""

    @property
    def last_end(self) -> datetime:
        """Return when the last one ended (UTC)."""
        return datetime.fromtimestamp(self.ended_at, UTC)

    @property
    def usual_gaps(self) -> tuple[timedelta, ...]:
        """Return the last times between two ends."""
        return tuple(timedelta(seconds=one) for one in self.gaps)

    def after(self, end: SweepEnd, at: datetime) -> "Sweeps":
        """Return the counts with one more run, which ended at ``at``."""
        moment = at.timestamp()
        gap = moment - self.ended_at
        return replace(
            self,
            ended_at=moment,
            succeeded_at=moment if end.succeeded else self.succeeded_at,
            last_seconds=end.seconds,
            total_seconds=self.total_seconds + end.seconds,
            runs=self.runs + 1,
            failed=self.failed + (not end.succeeded),
            gaps=(*self.gaps, *([gap] if self.runs and gap > 0 else []))[-GAPS:],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The counts: of sweeps by flow, of sends by channel and result."""

    sweeps: Mapping[str, Sweeps]
    sends: Mapping[str, Mapping[str, int]]


def read_tally(conn: Connection) -> Tally:
    """Return the counts so far."""
    kept = key_values.read(conn, MONITORED)
    return _read(kept.value if kept else _NONE)


def count_run(context: "RunContext", end: SweepEnd | None, deliveries: Sequence[DeliveryReport]) -> Sweeps | None:
    """Count the end of a flow run: ``end`` where it was about all accounts, and what it sent. Return the counts of its
    flow before it, if there was such a run. What was found of clocks is kept with it."""
    now = context.wall_clock()
    with context.database.writing() as conn:
        kept = _read(key_values.hold(conn, MONITORED, _NONE, now))
        before = kept.sweeps.get(end.flow) if end is not None else None
        sweeps = {flow: asdict(one) for flow, one in kept.sweeps.items()}
        if end is not None:
            sweeps[end.flow] = asdict((before or Sweeps()).after(end, now))
        sends = {channel: dict(counts) for channel, counts in kept.sends.items()}
        for one in deliveries:
            counts = sends.setdefault(one.channel.value, dict.fromkeys(RESULTS, 0))
            for result in RESULTS:
                counts[result] += getattr(one, result)
        key_values.write(conn, MONITORED, json.dumps({"sweeps": sweeps, "sends": sends}), now)
        keep_clocks(conn, context)
    return before


def _read(text: str) -> Tally:
    kept = json.loads(text)
    return Tally(
        sweeps={flow: _sweeps(one) for flow, one in kept["sweeps"].items()},
        sends={channel.value: kept["sends"].get(channel.value, dict.fromkeys(RESULTS, 0)) for channel in Channel},
    )


def _sweeps(kept: Mapping[str, Any]) -> Sweeps:
    """Return what was kept, also by another version of the program: what this one does not know is left out."""
    known = {part.name for part in fields(Sweeps)}
    found = {name: value for name, value in kept.items() if name in known}
    return Sweeps(**found | {"gaps": tuple(found.get("gaps", ()))})


_NONE = json.dumps({"sweeps": {}, "sends": {}})
