"""Values of a playbook in words."""

from collections.abc import Mapping
from typing import Any

from onboarding.model.phrases import name_words

LONGEST = 160
"""How many signs of a text are told; whoever wants all of it compares the files. This project's choice."""
_UNITS = (("working_days", "working day"), ("days", "day"), ("hours", "hour"))
_SPAN = {key for key, _ in _UNITS}


def due_words(due: Mapping[str, Any]) -> str:
    """Return a due date in words: ``30 days after signature``, ``at go live``, ``2 days before target``."""
    anchor = name_words(str(due["from"]).removeprefix("milestone:"))
    if due["from"] == "stage":
        anchor = "the start of its stage"
    span = _span_words(due)
    side = "before" if any(due.get(key, 0) < 0 for key, _ in _UNITS) else "after"
    return f"{span} {side} {anchor}" if span else f"at {anchor}"


def _span_words(span: Mapping[str, Any]) -> str:
    """Return a duration in words, whatever its direction; empty for none."""
    amounts = [(abs(span.get(key, 0)), unit) for key, unit in _UNITS if span.get(key)]
    return " ".join(f"{number} {unit}" if number == 1 else f"{number} {unit}s" for number, unit in amounts)


def value_words(value: Any) -> str:
    """Return any value of a playbook in words, a long text cut."""
    if value is None or value == "" or value == [] or value == {}:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        if "from" in value:
            return due_words(value)
        if value.keys() & _SPAN and value.keys() <= _SPAN | {"source"}:
            return _span_words(value) or "no time"
        told = (f"{key}: {value_words(one)}" for key, one in value.items() if one not in (None, "", [], {}, False, 0))
        return _cut("; ".join(told) or "nothing")
    if isinstance(value, list):
        return _cut(", ".join(value_words(one) for one in value))
    return _cut(" ".join(str(value).split()))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
