"""Strict reading of CRM values, cell by cell, the same for a line of a file and for an API response."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from integrations.instants import instant
from onboarding.model.identity import mail_address, many_lines, one_line, salesforce_id

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,10})?([eE][+-]?\d{1,2})?")
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


class CellError(Exception):
    """A cell that cannot be read; its row is set aside."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row by lower-case column names; a missing one is empty. Readers raise CellError."""

    values: Mapping[str, str]

    def ours(self, field: str | None) -> str:
        """Return a cell that first90 also writes, without the escaping of its format."""
        return self.text(field)

    def text(self, field: str | None, *, needed: bool = False) -> str:
        """Return the cell's text without blanks around it."""
        value = self.values.get(field.lower(), "").strip() if field else ""
        if needed and not value:
            raise CellError(field or "", "is empty")
        if not value.isascii() and any("\udc80" <= char <= "\udcff" for char in value):
            raise CellError(field or "", "has bytes that are not UTF-8; save the file as CSV UTF-8")
        return value

    def line(self, field: str | None, *, needed: bool = False) -> str:
        """Return a name: one line without control characters."""
        value = one_line(self.text(field, needed=needed))
        if needed and not value:
            raise CellError(field or "", "has no visible character")
        return value

    def given(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Return the names that are not empty, by the names of ``fields``."""
        return {name: text for name, field in fields.items() if (text := self.line(field))}

    def lines(self, field: str | None) -> str:
        """Return a text of several lines."""
        return many_lines(self.text(field))

    def id(self, field: str) -> str:
        """Return a required record id."""
        try:
            return salesforce_id(self.text(field, needed=True))
        except ValueError as error:
            raise CellError(field, str(error)) from None

    def reference(self, field: str | None) -> str | None:
        """Return a record id, or None if the cell is empty."""
        return self.id(field) if field and self.text(field) else None

    def address(self, field: str) -> str:
        """Return a required mail address."""
        try:
            return mail_address(self.text(field, needed=True))
        except ValueError as error:
            raise CellError(field, str(error)) from None

    def address_if_any(self, field: str) -> str | None:
        """Return a mail address, or None if the cell holds none."""
        try:
            return mail_address(self.text(field))
        except ValueError:
            return None

    def flag(self, field: str | None) -> bool:
        """Return true or false; an empty cell is false."""
        value = self.text(field).lower()
        if value not in _FLAGS:
            raise CellError(field or "", f"{_shown(value)} is neither true nor false")
        return _FLAGS[value]

    def number(self, field: str | None) -> float | None:
        """Return a plain number with a decimal point, or None if the cell is empty."""
        value = self.text(field)
        if not value:
            return None
        if not _NUMBER.fullmatch(value) or not math.isfinite(float(value)):
            raise CellError(field or "", f"{_shown(value)} is no number; write it like 12000.50")
        return float(value)

    def count(self, field: str | None) -> int | None:
        """Return a whole number that is not negative, or None if the cell is empty."""
        value = self.number(field)
        if value is None:
            return None
        if value < 0 or value != int(value):
            raise CellError(field or "", f"{value:g} is no whole number from 0 on")
        return int(value)

    def day(self, field: str | None) -> date | None:
        """Return a date, or None if the cell is empty; an instant gives its day in UTC."""
        instant = self.instant(field)
        return instant.date() if instant else None

    def instant(self, field: str | None) -> datetime | None:
        """Return an instant in UTC, or None if the cell is empty. A bare date is its start in UTC; a time without a
        zone is UTC."""
        value = self.text(field)
        return _instant(field or "", value) if value else None

    def zone(self, field: str | None) -> str | None:
        """Return an IANA zone name, or None if the cell is empty."""
        value = self.text(field)
        if not value:
            return None
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError):
            raise CellError(field or "", f"{_shown(value)} is no time zone; write it like Europe/Berlin") from None


def _instant(field: str, value: str) -> datetime:
    try:
        return instant(value)
    except ValueError as error:
        mend = "write it like 2026-03-02 or 2026-03-02T09:00:00Z"
        raise CellError(field, f"{_shown(value)} {error}; {mend}") from None


def _shown(value: str) -> str:
    """Return the start of a wrong value, enough to find it by: problems end up in reports."""
    return repr(one_line(value, most=40))
