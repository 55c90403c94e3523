"""The timetable as a Prefect server has it: told by ``applying``, read by ``up``, which knows no Prefect."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

POOL = "first90"
ALONE = "alone"
"""Says to ``supervisor.deploy``: nobody else works with this server, so what it believes to be under way is not."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment: ``flow/name``, its schedules, and whether ops paused it. Without a schedule it is for people."""

    name: str
    crons: tuple[str, ...]
    paused: bool


def as_text(timetable: Iterable[Deployed]) -> str:
    """For the other side of a pipe."""
    return json.dumps([asdict(one) for one in timetable])


def from_text(text: str | bytes) -> tuple[Deployed, ...]:
    """What ``as_text`` made, by name."""
    found = [Deployed(one["name"], tuple(one["crons"]), one["paused"]) for one in json.loads(text)]
    return tuple(sorted(found, key=lambda one: one.name))
