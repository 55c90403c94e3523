"""Tables of plain text for people. They are laid out here and not by rich, because importing rich and laying out the
tables of ``show`` with it takes as long as reading and reviewing the onboarding."""

import math
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import zip_longest

from cli.control_characters import harmless
from onboarding.values import dataclass

NARROWEST = 80
GAP = "  "
BOLD = "\x1b[1m"
DIM = "\x1b[2m"
_PLAIN = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain text under headings."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Mapping[str, int]
    """By heading the share of a column in the width that the others leave."""
    one_line: bool
    """Whether a cell that is too long is cut; else it is wrapped."""

    def lines(self, width: int) -> Iterator[str]:
        """Yield the table line by line, none wider than ``width`` columns of the screen."""
        if self.title:
            yield from (styled(line, BOLD) for line in _folded(self.title, width))
        widths = self._widths(width)
        if any(self.columns):
            yield from (styled(line, DIM) for line in self._row(self.columns, widths))
        for row in self.rows:
            yield from self._row(row, widths)

    def _row(self, cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
        fitted = [
            [_cut(cell, width)] if self.one_line else _folded(cell, width)
            for cell, width in zip(cells, widths, strict=True)
        ]
        for parts in zip_longest(*fitted, fillvalue=""):
            padded = [part + " " * (width - _columns(part)) for part, width in zip(parts, widths, strict=True)]
            yield GAP.join(padded).rstrip()

    def _widths(self, width: int) -> list[int]:
        found = [max(map(_longest_line, column)) or 1 for column in zip(self.columns, *self.rows, strict=True)]
        shares = [self.shares.get(column, 0) for column in self.columns]
        fixed = sum(own for own, share in zip(found, shares, strict=True) if not share)
        room = width - fixed - len(GAP) * (len(found) - 1)
        for number, share in enumerate(shares):
            if share:
                found[number] = max(1, math.ceil(share * room / sum(shares[number:])))
                room -= found[number]
        while sum(found) + len(GAP) * (len(found) - 1) > width and max(found) > 1:
            found[found.index(max(found))] -= 1
        return found


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], /, *, one_line: bool = False, **shares: int
) -> Table:
    """Return a table of plain text. ``shares`` gives a column (by its heading) its share of the remaining width.

    With ``one_line`` a cell that is too long is cut, else it is wrapped.
    """
    return Table(
        title=harmless(title),
        columns=columns,
        rows=[[harmless(cell(value)).expandtabs() for value in row] for row in rows],
        shares={name.replace("_", " "): share for name, share in shares.items()},
        one_line=one_line,
    )


def print_table(made: Table) -> None:
    """Print a table on standard output, at the width of the screen but at least 80 columns."""
    for line in made.lines(screen_width()):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def screen_width() -> int:
    """Return the width of the screen in columns, and at least 80."""
    return max(NARROWEST, shutil.get_terminal_size((NARROWEST, 24)).columns)


def cell(value: object) -> str:
    """Return the text of a cell: empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return when(value)
    return str(value.value if isinstance(value, Enum) else value)


def when(moment: datetime | None) -> str:
    """Return a moment to the minute, in UTC: ``2026-03-02 09:00Z``; a dash for None."""
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else "-"


def styled(text: str, style: str) -> str:
    """Return the text in a style (``BOLD``, ``DIM``) where standard output is a terminal or ``FORCE_COLOR`` is set."""
    terminal = os.environ.get("FORCE_COLOR") or (sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", ""))
    return f"{style}{text}{_PLAIN}" if terminal and text else text


def _columns(text: str) -> int:
    """Return how many columns of the screen a line takes: two for a wide sign, none for one that is put on another."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _longest_line(text: str) -> int:
    return max(map(_columns, text.split("\n")))


def _fitting(text: str, width: int) -> str:
    """Return as much of the beginning as fits, and at least one sign."""
    while len(text) > 1 and _columns(text) > width:
        text = text[:-1]
    return text


def _cut(text: str, width: int) -> str:
    text = " ".join(text.split("\n"))
    return text if _columns(text) <= width else f"{_fitting(text, width - 1)}…"


def _folded(text: str, width: int) -> list[str]:
    """Return the text in lines that fit, broken between words, and inside of a word that is longer than a line."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in re.findall(r"\s*\S+\s*", paragraph):
            if _columns(line + word.rstrip()) <= width:
                line += word
                continue
            if line:
                lines.append(line.rstrip())
            rest = word
            while _columns(rest.rstrip()) > width:
                lines.append(_fitting(rest, width))
                rest = rest[len(lines[-1]) :]
            line = rest
        lines.append(line.rstrip())
    return lines
