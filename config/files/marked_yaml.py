"""YAML with the line of every value, so that a mistake can be reported with its line. Safe types only.

Two traps of YAML 1.1 are avoided: ``09:00`` and ``001`` stay text and do not become numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

Path = tuple[str | int, ...]

MOST_VALUES = 100_000
"""Keys, items and values of one document, repeats by aliases included; far above any playbook. This project's
choice."""
DEEPEST = 50
"""Levels of nesting. This project's choice."""

_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}
_NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}


class MarkedError(Exception):
    """Invalid YAML, or a duplicate key. Carries the line, the problem and the remedy."""

    def __init__(self, line: int, path: Path, problem: str, mend: str) -> None:
        super().__init__(f"line {line}: {problem}. {mend}")
        self.line, self.path, self.problem, self.mend = line, path, problem, mend


@dataclass(frozen=True, slots=True)
class Marked:
    """Plain data, and the line (from 1) of each key and item by its path."""

    data: Any
    lines: Mapping[Path, int]

    def line_of(self, path: Path) -> int:
        """Return the line of this path, or of the nearest enclosing one in the file."""
        return self.lines[self.known(path)]

    def known(self, path: Path) -> Path:
        """Return the longest prefix of ``path`` that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return path


@lru_cache(maxsize=128)
def read_marked(text: str, first_line: int = 1) -> Marked:
    """Return one YAML document; ``first_line`` is its first line in its file. Raise MarkedError.

    Cached by text: a playbook takes some 20 ms, a run context reads seven files, and a check some 60. The result
    must not be changed.
    """
    loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = loader_class(text)
    lines: dict[Path, int] = {(): first_line}
    try:
        _check_size(text, loader_class, first_line)
        node = loader.get_single_node()
        data = {} if node is None else _Builder(loader, lines, first_line).build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise MarkedError(
            line, (), f"this is not YAML: {error.problem}", "mend the indentation or quote the text"
        ) from None
    except yaml.YAMLError as error:
        raise MarkedError(first_line, (), f"this is not YAML: {error}", "save the file as UTF-8 text") from None
    finally:
        loader.dispose()
    return Marked(data, lines)


def _check_size(text: str, loader_class: Any, first_line: int) -> None:
    """Raise MarkedError for a document too large or too deep, before it is built recursively."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=loader_class)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or number > MOST_VALUES:
            line = event.start_mark.line if event.start_mark else 0
            raise _too_much(first_line + line, deep=depth > DEEPEST)


def _too_much(line: int, *, deep: bool = False) -> MarkedError:
    if deep:
        return MarkedError(line, (), f"it is nested more than {DEEPEST} levels deep", "write it flatter")
    return MarkedError(line, (), f"it holds more than {MOST_VALUES:,} values, those of aliases included", "shorten it")


class _Builder:
    """Builds plain data from nodes and records the line of each."""

    def __init__(self, loader: Any, lines: dict[Path, int], first_line: int) -> None:
        self._loader, self._lines, self._first_line = loader, lines, first_line
        self._open: set[int] = set()
        self._built = 0

    def build(self, node: yaml.Node, path: Path) -> Any:
        if path not in self._lines:
            self._lines[path] = self._line(node)
        if id(node) in self._open:
            raise MarkedError(self._line(node), path, "an alias contains itself", "write the value out")
        if node.tag not in _PLAIN:
            raise MarkedError(
                self._line(node), path, f"the tag {node.tag} is not allowed", "write plain text or a number"
            )
        self._built += 1
        if self._built > MOST_VALUES:
            raise _too_much(self._line(node))
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.build(item, (*path, number)) for number, item in enumerate(node.value)]
            return self._scalar(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in built:
                earlier = self._lines[(*path, key)]
                raise MarkedError(
                    self._line(key_node),
                    (*path, key),
                    f"{key!r} stands here twice, first in line {earlier}",
                    "keep one of the two",
                )
            self._lines[(*path, key)] = self._line(key_node)
            built[key] = self.build(value_node, (*path, key))
        return built

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        odd_number = node.tag in _NUMBERS and not _PLAIN_NUMBER.fullmatch(node.value)
        if odd_number or node.tag.endswith(":timestamp"):
            return node.value
        return self._loader.construct_object(node)

    def _line(self, node: yaml.Node) -> int:
        return self._first_line + int(node.start_mark.line)
