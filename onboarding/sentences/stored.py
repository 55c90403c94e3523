"""Sentences as JSON, beside the English text that is stored: what they were made of."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from onboarding.model.vocabulary import Stage
from onboarding.sentences.sentence import NearDay, Sentence, Short, Value

SAY, WITH = "say", "with"
"""In a stored sentence: the key of its phrase, and its values by name."""


def stored_parts(texts: Iterable[str]) -> dict[str, Any]:
    """Return what the sentences among these texts were made of, by their English text."""
    return {str(text): _stored(text) for text in texts if isinstance(text, Sentence)}


def with_parts(text: str, parts: Mapping[str, Any]) -> str:
    """Return a stored text as the sentence that it was; the text itself where its parts are not known."""
    known = parts.get(text)
    return text if known is None else Sentence(text, str(known[SAY]), _values(known))


def _stored(value: Value) -> Any:
    match value:
        case Sentence():
            return {"text": str(value), SAY: value.phrase, WITH: {n: _stored(v) for n, v in value.values.items()}}
        case Stage():
            return {"stage": value.value}
        case str():
            return str(value)
        case Short():
            return {"at": value.at.isoformat(), "zone": value.zone, "has_time": value.has_time}
        case NearDay(day=day):
            return {"near": day.isoformat()}
        case tuple():
            return [_stored(one) for one in value]
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case timedelta():
            return {"seconds": int(value.total_seconds())}
    return value


def _values(known: Mapping[str, Any]) -> dict[str, Value]:
    return {str(name): _read(one) for name, one in known[WITH].items()}


def _read(value: Any) -> Value:
    match value:
        case {"say": phrase, "text": text}:
            return Sentence(text, phrase, _values(value))
        case {"stage": stage}:
            return Stage(stage)
        case {"at": at, "zone": zone, "has_time": has_time}:
            return Short(datetime.fromisoformat(at), zone, has_time)
        case {"at": at}:
            return datetime.fromisoformat(at)
        case {"near": day}:
            return NearDay(date.fromisoformat(day))
        case {"day": day}:
            return date.fromisoformat(day)
        case {"seconds": seconds}:
            return timedelta(seconds=seconds)
        case list():
            return tuple(map(_read, value))
    return value if isinstance(value, int | float) else str(value)
