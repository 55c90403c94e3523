"""Playbook versions from their stored content, which was checked before it was stored, so it is not validated again.

Pydantic would make the same values, but making its validator takes 16 ms at each start of ``show`` and ``explain`` (4 %
of importing SQLModel) where this takes 3; and it would hold a stored version to today's limits, so that a limit which a
release tightens would stop every onboarding that runs on an older playbook.
"""

import dataclasses
import json
from collections.abc import Callable
from datetime import time
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from onboarding.model.playbook import Playbook

Reader = Callable[[Any], Any]


def put_together(content: str) -> Playbook:
    """Return the playbook of this content, as ``library.version_of`` wrote it. Raise ValueError for anything else."""
    try:
        made: Playbook = _reading(Playbook)(json.loads(content))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no playbook of this version: {error}") from None
    return made


@lru_cache(maxsize=256)
def _reading(kind: Any) -> Reader:
    """Return the function that makes a value of this type from JSON."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _choice(parts)
    if origin is tuple:
        item = _reading(parts[0])
        return lambda values: tuple(map(item, values))
    if dataclasses.is_dataclass(kind):
        return _record(kind)
    if kind is time:
        return time.fromisoformat
    if origin is Literal or not isinstance(origin or kind, type):
        return lambda value: value
    if origin is not None:
        key, item = map(_reading, parts)
        return lambda values: {key(name): item(value) for name, value in values.items()}
    return kind if issubclass(kind, Enum) else lambda value: value


def _record(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    fields = {
        one.metadata.get("alias", one.name): (one.name, _reading(hints[one.name])) for one in dataclasses.fields(kind)
    }

    def read(data: Any) -> Any:
        named = ((*fields[name], value) for name, value in data.items())
        return kind(**{name: reading(value) for name, reading, value in named})

    return read


def _choice(kinds: tuple[Any, ...]) -> Reader:
    readings = [_reading(kind) for kind in kinds if kind is not NoneType]

    def read(value: Any) -> Any:
        if value is None:
            return None
        for reading in readings[:-1]:
            try:
                return reading(value)
            except ValueError:
                continue
        return readings[-1](value)

    return read
