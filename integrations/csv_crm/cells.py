"""Formulas in cells: defused in what we write, and read as they were meant."""

from dataclasses import dataclass

from integrations.crm.cells import Cells

FORMULA = tuple("=+-@\t\r\0")
"""What a spreadsheet takes for the beginning of a formula (OWASP ASVS 1.2.10)."""


def defuse(text: str) -> str:
    """A cell no spreadsheet runs: an apostrophe before a formula's first character; ``restore`` undoes it."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def restore(text: str) -> str:
    """What ``defuse`` was given. Text that a person typed with a lone apostrophe in front stays as it is."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA, "'")) else text


@dataclass(frozen=True, slots=True)
class SheetCells(Cells):
    """The cells of one row of a file."""

    def ours(self, field: str | None) -> str:
        """A cell that we write too, without what ``defuse`` put before it."""
        return restore(self.text(field))
