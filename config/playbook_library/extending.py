"""Playbooks that say only what differs from another one of the same folder: ``extends: mid``."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from config.files.marked_yaml import Marked, MarkedError
from config.files.marked_yaml import Path as Place
from config.files.plain_files import read_file

EXTENDS = "extends"
NAME = re.compile(r"[\w-]+")
"""What the name of a playbook's file may be, without its ending."""
REMOVE = "remove"


def whole(path: Path, read: Callable[[str], Marked], below: tuple[Path, ...] = ()) -> Marked:
    """Return the document of a file, put together with the one that it extends, and that one's.

    What is inherited has the line of ``extends:``. Raises MarkedError, and what reading a file raises.
    """
    own = read(read_file(path))
    if not isinstance(own.data, Mapping) or EXTENDS not in own.data:
        return own
    line, name = own.line_of((EXTENDS,)), own.data[EXTENDS]
    found = sorted(path.parent.glob(f"{name}.y*ml")) if isinstance(name, str) and NAME.fullmatch(name) else []
    if not found:
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.y*ml") if file != path))
        raise MarkedError(line, (EXTENDS,), f"there is no playbook {name!r} beside it", f"use one of {known or 'none'}")
    if found[0] in (path, *below):
        names = " extends ".join(file.stem for file in (*below, path, found[0]))
        raise MarkedError(line, (EXTENDS,), f"it extends itself: {names}", "let one of them stand by itself")
    base = whole(found[0], read, (*below, path))
    lines: dict[Place, int] = {(): own.lines[()]}
    merged = _Merge(own, line, lines).merged({k: v for k, v in own.data.items() if k != EXTENDS}, base.data, (), ())
    return Marked(merged, lines)


class _Merge:
    """Merges a document over the one that it extends, and records the line of each value of the result."""

    def __init__(self, own: Marked, inherited_at: int, lines: dict[Place, int]) -> None:
        self._own, self._inherited_at, self._lines = own, inherited_at, lines

    def merged(self, own: Any, base: Any, here: Place, place: Place) -> Any:
        """Return ``own`` over ``base``. ``here`` is the place in the own file, ``place`` that in the result.

        Mappings are merged key by key, where null takes a key out; lists of things with a name by that name, where
        ``remove: true`` takes one out. All else is the own value.
        """
        self._lines[place] = self._own.line_of(here)
        if isinstance(own, Mapping) and isinstance(base, Mapping):
            return dict(self._keys(own, base, here, place))
        if _is_named(own) and _is_named(base):
            return list(self._items(own, base, here, place))
        return self._taken(own, here, place)

    def _keys(self, own: Mapping[str, Any], base: Mapping[str, Any], here: Place, place: Place) -> Iterator[Any]:
        for key in dict.fromkeys((*base, *own)):
            if key not in own:
                yield key, self._inherited(base[key], (*place, key))
            elif own[key] is not None or key not in base:
                yield key, self.merged(own[key], base.get(key), (*here, key), (*place, key))

    def _items(self, own: list[Any], base: list[Any], here: Place, place: Place) -> Iterator[Any]:
        known = {item["name"] for item in base}
        places = {item["name"]: number for number, item in enumerate(own)}
        for name, number in places.items():
            if REMOVE in own[number] and (name not in known or own[number][REMOVE] is not True):
                line = self._own.line_of((*here, number))
                raise MarkedError(line, (*here, number), f"there is no {name!r} to take out", "correct its name")
        number = 0
        for item in [*base, *(item for item in own if item["name"] not in known)]:
            mine = places.get(item["name"])
            if mine is not None and REMOVE in own[mine]:
                continue
            there = (*place, number)
            number += 1
            if mine is None:
                yield self._inherited(item, there)
            else:
                inherited = item if item["name"] in known else None
                yield self.merged(own[mine], inherited, (*here, mine), there)

    def _taken(self, own: Any, here: Place, place: Place) -> Any:
        """Return an own value, with the lines of all that is in it."""
        for inner, line in self._own.lines.items():
            if inner[: len(here)] == here:
                self._lines[(*place, *inner[len(here) :])] = line
        return own

    def _inherited(self, value: Any, place: Place) -> Any:
        self._lines[place] = self._inherited_at
        return value


def _is_named(value: Any) -> bool:
    """Return whether it is a list of mappings that all have a name of their own."""
    if not isinstance(value, list) or not all(isinstance(item, Mapping) and "name" in item for item in value):
        return False
    names = [str(item["name"]) for item in value]
    return len(names) == len(set(names))
