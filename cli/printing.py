"""Printing: results on standard output, all else on standard error; readable at 80 columns."""

import dataclasses
import json
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from cli.control_characters import harmless

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NARROWEST = 80


def console() -> "Console":
    """Return the console of standard output, at least 80 columns wide, so that tables stay readable."""
    from cli.terminal import SafeConsole

    found = SafeConsole(highlight=False, soft_wrap=False)
    return found if found.width >= NARROWEST else SafeConsole(highlight=False, width=NARROWEST)


def say(text: str) -> None:
    """Print progress or an error to standard error."""
    print(f"first90: {harmless(text)}", file=sys.stderr, flush=True)  # noqa: T201


def print_lines(lines: Iterable[str]) -> None:
    """Print sentences, wrapped at the width of the screen. Quicker than a console, which imports rich."""
    width = max(NARROWEST, shutil.get_terminal_size((NARROWEST, 24)).columns)
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


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], /, *, one_line: bool = False, **shares: int
) -> "Table":
    """Return a table of plain text. ``shares`` gives a column (by its heading) its share of the remaining width.

    With ``one_line`` a cell that is too long is cut, else it is wrapped.
    """
    from rich.table import Table

    made = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        show_header=any(columns),
        box=None,
        pad_edge=False,
        expand=bool(shares),
        min_width=len(title),
    )
    for column in columns:
        ratio = shares.get(column.replace(" ", "_"))
        made.add_column(
            column,
            ratio=ratio,
            overflow="ellipsis" if one_line else "fold",
            header_style="dim",
            no_wrap=one_line or ratio is None,
        )
    for row in rows:
        made.add_row(*(text(cell) for cell in row))
    return made


def text(value: object) -> str:
    """Return the text of a cell: empty for None, and with markup in the data escaped."""
    if value is None:
        return ""
    from rich.markup import escape

    if isinstance(value, datetime):
        return when(value)
    return escape(str(value.value if isinstance(value, Enum) else value))


def when(moment: datetime | None) -> str:
    """Return a moment to the minute, in UTC: ``2026-03-02 09:00Z``; a dash for None."""
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else "-"


def day(moment: datetime | date | None) -> str:
    """Return a day: ``2026-03-02``; a dash for None."""
    return f"{moment:%Y-%m-%d}" if moment else "-"
