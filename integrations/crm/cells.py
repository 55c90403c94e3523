"""What a record of a CRM says, cell by cell: strict readings, the same for a line of a file and for an answer."""

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
    """A cell that cannot be read. The row it stands in is set aside."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row by lower-case column names; a missing one is empty. Readings raise CellError."""

    values: Mapping[str, str]

    def ours(self, field: str | None) -> str:
        """A cell that we write too, as it was before it was made fit for its place."""
        return self.text(field)

    def text(self, field: str | None, *, needed: bool = False) -> str:
        """The cell as it stands, blanks around it cut off."""
        value = self.values.get(field.lower(), "").strip() if field else ""
        if needed and not value:
            raise CellError(field or "", "is empty")
        if not value.isascii() and any("\udc80" <= char <= "\udcff" for char in value):
            raise CellError(field or "", "has bytes that are not UTF-8; save the file as CSV UTF-8")
        return value

    def line(self, field: str | None, *, needed: bool = False) -> str:
        """A name: one line without control characters."""
        value = one_line(self.text(field, needed=needed))
        if needed and not value:
            raise CellError(field or "", "has no visible character")
        return value

    def lines(self, field: str | None) -> str:
        """A longer text."""
        return many_lines(self.text(field))

    def id(self, field: str) -> str:
        """A record id, needed."""
        try:
            return salesforce_id(self.text(field, needed=True))
        except ValueError as error:
            raise CellError(field, str(error)) from None

    def reference(self, field: str | None) -> str | None:
        """A record id, or None where the cell is empty."""
        return self.id(field) if field and self.text(field) else None

    def address(self, field: str) -> str:
        """A mail address, needed."""
        try:
            return mail_address(self.text(field, needed=True))
        except ValueError as error:
            raise CellError(field, str(error)) from None

    def address_if_any(self, field: str) -> str | None:
        """A mail address, or None where the cell holds none."""
        try:
            return mail_address(self.text(field))
        except ValueError:
            return None

    def flag(self, field: str | None) -> bool:
        """True or false; an empty cell is false."""
        value = self.text(field).lower()
        if value not in _FLAGS:
            raise CellError(field or "", f"{_shown(value)} is neither true nor false")
        return _FLAGS[value]

    def number(self, field: str | None) -> float | None:
        """A plain number with a decimal point."""
        value = self.text(field)
        if not value:
            return None
        if not _NUMBER.fullmatch(value) or not math.isfinite(float(value)):
            raise CellError(field or "", f"{_shown(value)} is no number; write it like 12000.50")
        return float(value)

    def count(self, field: str | None) -> int | None:
        """A whole number that is not negative."""
        value = self.number(field)
        if value is None:
            return None
        if value < 0 or value != int(value):
            raise CellError(field or "", f"{value:g} is no whole number from 0 on")
        return int(value)

    def day(self, field: str | None) -> date | None:
        """A date; of an instant its day in UTC."""
        instant = self.instant(field)
        return instant.date() if instant else None

    def instant(self, field: str | None) -> datetime | None:
        """An instant in UTC. A bare date is its start in UTC; one without a zone is taken as UTC."""
        value = self.text(field)
        return _instant(field or "", value) if value else None

    def zone(self, field: str | None) -> str | None:
        """An IANA zone name."""
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
    """Enough of a wrong value to find it by, and no more: problems end in reports."""
    return repr(one_line(value, most=40))
