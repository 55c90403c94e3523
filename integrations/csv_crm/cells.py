"""Formulas in cells: escaped when written, and unescaped when read."""

from dataclasses import dataclass

from integrations.crm.cells import Cells

FORMULA = tuple("=+-@\t\r\0")
"""First characters of what a spreadsheet runs as a formula (OWASP ASVS 1.2.10)."""


def defuse(text: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe precedes a formula's first character; ``restore`` undoes
    it."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def restore(text: str) -> str:
    """Return the text before ``defuse``. Text that a person typed with a single apostrophe in front stays as it is."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA, "'")) else text


@dataclass(frozen=True, slots=True)
class SheetCells(Cells):
    """The cells of one row of a file."""

    def ours(self, field: str | None) -> str:
        """Return a cell that first90 also writes, without the apostrophe of ``defuse``."""
        return restore(self.text(field))
