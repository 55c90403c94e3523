"""Who asks and who confirms, and what the command line shows of it."""

from collections.abc import Callable
from typing import Any

First90 = Callable[..., Any]
JO, DANA, CLEO = "jo@example.com", "dana@example.com", "cleo@example.com"


def line(first90: First90, key: str) -> dict[str, Any]:
    return dict(next(one for one in first90("status", "--json").json if one["deal_id"] == key))


def waiting(first90: First90) -> list[dict[str, Any]]:
    return list(first90("approvals", "--json").json)


def journal(first90: First90, key: str, *kinds: str) -> list[dict[str, Any]]:
    return [one for one in first90("show", key, "--json").json["journal"] if one["kind"] in kinds]
