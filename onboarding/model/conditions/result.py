"""The results of a playbook's conditions for a customer, as they are saved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class ConditionResult(NamedTuple):
    """Whether a condition holds for a customer; saved by the key of the condition."""

    holds: bool | None
    """False where it once held, None where it never did."""
    since: datetime | None = None
    """When it began to hold, or ceased to, under way; None where that never changed."""


def stored_results(results: Mapping[str, ConditionResult]) -> dict[str, Any]:
    """Return results as JSON values: what holds, with the moment in ISO 8601 if there is one."""
    return {key: [one.holds, one.since.isoformat()] if one.since else one.holds for key, one in results.items()}


def read_results(values: Mapping[str, Any]) -> Mapping[str, ConditionResult]:
    """Return results from what ``stored_results`` made of them."""
    pairs = {key: one if isinstance(one, list) else (one, None) for key, one in values.items()}
    return {key: ConditionResult(holds, at and datetime.fromisoformat(at)) for key, (holds, at) in pairs.items()}
