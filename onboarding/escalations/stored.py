"""An episode as the database holds it: its own fields as columns, its causes and news as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from onboarding.model.case import Episode, EpisodeCause, News
from onboarding.model.vocabulary import NewsKind, Severity
from onboarding.sentences.stored import stored_parts, with_parts

FIELDS = tuple(Episode.__dataclass_fields__)
"""The columns, in the order in which ``read_episode`` takes them."""
PARTS = "parts"
"""In a stored cause: what its sentences were made of."""
_SAID = ("cause", "next_step")
_MOMENTS = frozenset({"since", "found_at", "level_at", "gone_at", "at"})


def stored_episode(episode: Episode) -> dict[str, Any]:
    """Return the values of the columns."""
    values = {name: getattr(episode, name) for name in FIELDS} | {"severity": str(episode.severity)}
    return values | {
        "causes": [_stored_cause(one) for one in episode.causes],
        "news": [_stored(one) for one in episode.news],
    }


def read_episode(*values: Any) -> Episode:
    """Return the episode of these values, in the order of ``FIELDS``."""
    found = dict(zip(FIELDS, values, strict=True))
    found["severity"] = Severity(found["severity"])
    parts: dict[str, Any] = {}
    for one in found["causes"]:
        parts |= one.get(PARTS) or {}
    found["causes"] = tuple(_cause(one, parts) for one in found["causes"])
    found |= {name: with_parts(found[name], parts) for name in _SAID}
    found["news"] = tuple(News(**_read(one) | {"what": NewsKind(one["what"])}) for one in found["news"])
    return Episode(**found)


def _cause(stored: Mapping[str, Any], parts: Mapping[str, Any]) -> EpisodeCause:
    values = _read({name: value for name, value in stored.items() if name != PARTS})
    return EpisodeCause(**values | {name: with_parts(values[name], parts) for name in _SAID})


def _stored_cause(cause: EpisodeCause) -> dict[str, Any]:
    parts = stored_parts(getattr(cause, name) for name in _SAID)
    return _stored(cause) | ({PARTS: parts} if parts else {})


def _stored(one: EpisodeCause | News) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _read(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in stored.items()}


def _value(name: str, stored: Any) -> Any:
    if name == "severity":
        return Severity(stored)
    return datetime.fromisoformat(stored) if name in _MOMENTS and stored is not None else stored
