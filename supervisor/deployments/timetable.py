"""The timetable of a Prefect server: written by ``deploy``, read by ``up``, which does not import Prefect."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

POOL = "first90"
ALONE = "alone"
"""The argument of ``supervisor.deployments.apply`` that no other worker uses this server, so none of its runs runs."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment: ``flow/name``, its schedules, and whether ops paused it. Without a schedule people start it."""

    name: str
    crons: tuple[str, ...]
    paused: bool


def as_text(timetable: Iterable[Deployed]) -> str:
    """Return the timetable as JSON, for a pipe."""
    return json.dumps([asdict(one) for one in timetable])


def from_text(text: str | bytes) -> tuple[Deployed, ...]:
    """Return the timetable from the JSON of ``as_text``, by name."""
    found = [Deployed(one["name"], tuple(one["crons"]), one["paused"]) for one in json.loads(text)]
    return tuple(sorted(found, key=lambda one: one.name))
