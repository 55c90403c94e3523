"""Printing: results on standard output, all else on standard error; readable at 80 columns."""

import dataclasses
import json
import logging
import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from cli.control_characters import harmless
from cli.logs import said_as_json
from cli.tables import NARROWEST, cell, screen_width

if TYPE_CHECKING:
    from rich.console import Console


def console() -> "Console":
    """Return the console of standard output, at least 80 columns wide, so that tables stay readable."""
    from cli.terminal import SafeConsole

    found = SafeConsole(highlight=False, soft_wrap=False)
    return found if found.width >= NARROWEST else SafeConsole(highlight=False, width=NARROWEST)


def say(text: str, level: int = logging.INFO) -> None:
    """Print progress or an error to standard error, in the way of its logs, which alone tell the level."""
    if not said_as_json(text, level):
        print(f"first90: {harmless(text)}", file=sys.stderr, flush=True)  # noqa: T201


def print_lines(lines: Iterable[str]) -> None:
    """Print sentences, wrapped at the width of the screen. Quicker than a console, which imports rich."""
    width = screen_width()
    for line in map(harmless, lines):
        wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in line)  # each takes two columns
        for part in textwrap.wrap(
            line, width - wide, subsequent_indent="  " if line.startswith(("- ", "  ")) else ""
        ) or [""]:
            sys.stdout.write(part + "\n")
    sys.stdout.flush()


def print_document(text: str) -> None:
    """Print a text without wrapping it, because the output may be written to a file."""
    sys.stdout.write("".join(harmless(line) + "\n" for line in text.splitlines()))
    sys.stdout.flush()


def print_json(value: Any) -> None:
    """Print the result as JSON, alone on standard output. Instants in UTC with a Z, enums as their text."""
    made = json.dumps(value, default=plain, ensure_ascii=False, indent=2)
    # JSON escapes the lower control characters itself; a terminal may obey these as well.
    sys.stdout.write(re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", made) + "\n")
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """Return a value in a form that JSON has. Raises TypeError where there is none."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key) if isinstance(key, Enum) else key): found for key, found in value.items()}
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no plain form")


def text(value: object) -> str:
    """Return the text of a cell for a console: as in a table, with markup in the data escaped."""
    from rich.markup import escape

    return escape(cell(value))


def day(moment: datetime | date | None) -> str:
    """Return a day: ``2026-03-02``; a dash for None."""
    return f"{moment:%Y-%m-%d}" if moment else "-"


def counted(number: int, noun: str) -> str:
    """Return the number with its noun, whose plural is regular: ``1 line``, ``2 lines``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
