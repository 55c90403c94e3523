"""What ``first90 deploy`` changed on a Prefect server, or would. Read by the command, which imports no Prefect."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

DRY_RUN = "dry-run"
"""The argument of ``supervisor.deployments.deploy`` that nothing is changed."""


class ChangeKind(StrEnum):
    """What happens to a thing on the server. ``STRANGE``: it is there, and not ours to delete."""

    CREATED = "created"
    CHANGED = "changed"
    AS_BEFORE = "as before"
    STRANGE = "not ours"


@dataclass(frozen=True, slots=True)
class ServerChange:
    """One thing on the server: a work pool, a deployment, a block or an automation."""

    kind: ChangeKind
    what: str
    name: str
    details: tuple[str, ...] = ()
    """What differed, or what is to be known."""


def as_text(changes: Iterable[ServerChange]) -> str:
    """Return the changes as JSON, for a pipe."""
    return json.dumps([asdict(one) for one in changes])


def from_text(text: str | bytes) -> tuple[ServerChange, ...]:
    """Return the changes from the JSON of ``as_text``."""
    return tuple(
        ServerChange(ChangeKind(one["kind"]), one["what"], one["name"], tuple(one["details"]))
        for one in json.loads(text)
    )
