"""Mistakes in an operator's files, reported with file, line, field and remedy."""

import dataclasses
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError

from config.files.marked_yaml import Marked, MarkedError, Path

UNKNOWN = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
"""pydantic's error types for a field that a model or a dataclass does not have."""

_Details = Mapping[str, Any]
"""One entry of a ValidationError: ``type``, ``loc``, ``msg``, ``input`` and perhaps ``ctx``."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mistake:
    """One mistake. ``line`` counts from 1; 0 stands for the whole file."""

    file: str
    line: int
    field: str
    problem: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}{f', {self.field}' if self.field else ''}: {self.problem}. Mend: {self.mend}."


class PlaybookError(Exception):
    """Playbooks, tier rules or templates with mistakes. Its text has one line for each."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def from_marked(error: MarkedError, file: str) -> Mistake:
    """Return a mistake in the YAML itself."""
    return Mistake(file=file, line=error.line, field=dotted(error.path), problem=error.problem, mend=error.mend)


def from_validation(error: ValidationError, model: type[Any], marked: Marked, file: str) -> tuple[Mistake, ...]:
    """Return the mistakes of a ValidationError, in the order of the file; the branches of a union make one mistake."""
    grouped: dict[Path, list[_Details]] = {}
    for details in error.errors(include_url=False):
        path = marked.known(details["loc"])
        missing = details["type"] == "missing"
        grouped.setdefault((*path, details["loc"][-1]) if missing else path, []).append(details)
    misspelt = {
        (*path[:-1], meant)
        for path, found in grouped.items()
        if found[0]["type"] in UNKNOWN and (meant := _meant(path, model))
    }
    mistakes = []
    for path, found in grouped.items():
        if found[0]["type"] == "missing" and path in misspelt:
            continue  # it is there under a misspelt name, which is reported
        if found[0]["type"] == "too_short" and any(_is_below(other, path) for other in grouped):
            continue  # its items are there but invalid, which is reported
        problem, mend = _in_words(found, model)
        mistakes.append(Mistake(file=file, line=marked.line_of(path), field=dotted(path), problem=problem, mend=mend))
    return tuple(sorted(mistakes))


def dotted(path: Path) -> str:
    """Return a path in dotted form: ``stages.setup.milestones[2].due``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _is_below(path: Path, place: Path) -> bool:
    return len(path) > len(place) and path[: len(place)] == place


def _meant(path: Path, model: type[Any]) -> str | None:
    close = get_close_matches(str(path[-1]), sorted(_fields_at(model, path[:-1])), n=1, cutoff=0.6)
    return close[0] if close else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown word: the most similar known one, else all known ones."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?".rstrip("?") if close else f"use one of {', '.join(names) or 'none'}"


def _in_words(found: Sequence[_Details], model: type[Any]) -> tuple[str, str]:
    first = found[0]
    kind, given = first["type"], first.get("input")
    if kind == "missing":
        return "this field is missing", f"add `{first['loc'][-1]}:`"
    if kind in UNKNOWN:
        return "unknown field", nearest(str(first["loc"][-1]), _fields_at(model, first["loc"][:-1]))
    if kind in ("enum", "literal_error"):
        allowed = [
            word
            for details in found
            for word in re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))
        ]
        return f"{_shown(given)} is not known here", nearest(str(given), set(allowed))
    if kind == "value_error":
        return first["msg"].removeprefix("Value error, "), "change it so that this holds"
    if kind == "string_type":
        return f"{_shown(given)} is not text", "put it in quotes"
    said = first["msg"][:1].lower() + first["msg"][1:]
    return f"{_shown(given)} does not fit", said.replace("input should", "it should")


def _shown(given: Any) -> str:
    """Return the given value, short enough for one line."""
    kinds = {dict: "a mapping", list: "a list", type(None): "nothing"}
    text = kinds.get(type(given)) or repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _fields_at(model: type[Any], path: Sequence[str | int]) -> set[str]:
    """Return the field names that are possible at a path of the model, as spelt in the file."""
    here: set[type[Any]] = {model}
    for part in path:
        reached: set[type[Any]] = set()
        for owner in here:
            for name, (spelling, annotation) in _fields(owner).items():
                if part in (name, spelling):
                    reached |= _models_in(annotation)
        here = reached or here
    return {spelling for owner in here for spelling, _ in _fields(owner).values()}


def _fields(model: type[Any]) -> Mapping[str, tuple[str, Any]]:
    """Return each field of a model or dataclass: its name to its spelling in the file and its type."""
    if dataclasses.is_dataclass(model):
        hints = get_type_hints(model)
        return {one.name: (one.metadata.get("alias", one.name), hints[one.name]) for one in dataclasses.fields(model)}
    return {name: (info.alias or name, info.annotation) for name, info in model.model_fields.items()}


def _models_in(annotation: Any) -> set[type[Any]]:
    if isinstance(annotation, type) and (dataclasses.is_dataclass(annotation) or issubclass(annotation, BaseModel)):
        return {annotation}
    if get_origin(annotation) in (tuple, list, Annotated, Union, types.UnionType) or _is_mapping(annotation):
        return {model for part in get_args(annotation) for model in _models_in(part)}
    return set()


def _is_mapping(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)
