"""first90's values in an org's own fields: the field of each value, and its format there.

The mapping names the field, describe tells whether it exists and is writable: a missing or hidden field is left out
(``first90 check`` names it).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from config.company.mapping import Direction, WrittenField
from onboarding.crm.projection import ONBOARDING
from onboarding.model.identity import many_lines, one_line

NUMBERS = frozenset({"int", "double", "currency", "percent"})
Json = str | float | None


class Unfit(ValueError):
    """A value that the org's field cannot hold; the message names the field, never the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgField:
    """One field that first90 writes: both its names, and its type by describe."""

    ours: str
    theirs: str
    type: str
    length: int = 0
    both: bool = False
    """Whether people may change it too."""
    parent: str | None = None
    """The relationship through which the parent is given by its key; None if the value is written as it is."""

    def spell(self, text: str | None) -> Json:
        """Return a value in this field's format, cut to its length. Raise Unfit."""
        text = "" if text is None else text.encode("utf-8", errors="replace").decode("utf-8")
        if self.type == "textarea":
            return self._cut(many_lines(text)) or None
        if self.type in NUMBERS:
            return self._number(text.strip()) if text.strip() else None
        line = one_line(text, len(text))
        if not line:
            return None
        if self.type == "boolean":
            raise Unfit(f"{self.theirs} is a checkbox, and what we know is a text")
        if self.type == "date":
            return line[:10]
        if self.type == "datetime":
            return line if "T" in line else f"{line}T00:00:00Z"
        if self.type == "email":
            return line if len(line) <= (self.length or len(line)) else None  # a cut address may be another person's
        return self._cut(line)

    def says(self, held: Any, text: str | None) -> bool:
        """Return whether the org's value equals what it would be if ``text`` had been written."""
        try:
            said = self.spell(text)
        except Unfit:
            return False
        return self._plain(held) == self._plain(said)

    def _cut(self, text: str) -> str:
        """Return the text as it is if it fits; else with blanks collapsed and cut, without blanks at the end."""
        if not self.length or len(text) <= self.length:
            return text
        return " ".join(text.split())[: self.length].rstrip()

    def _plain(self, value: Any) -> str:
        if value is None:
            return ""
        if self.type in NUMBERS:
            return f"{float(value):g}"
        text = " ".join(str(value).split())
        return text[:19] if self.type == "datetime" else text.casefold()

    def _number(self, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise Unfit(f"{self.theirs} is a number, and what we know is a text") from None
        if not isfinite(number):
            raise Unfit(f"{self.theirs} is a number, and what we know is none")
        return int(number) if number.is_integer() else number


def columns_of(written: Mapping[str, WrittenField], described: Iterable[Mapping[str, Any]]) -> tuple[OrgField, ...]:
    """Return the fields of one object that first90 writes; ``described`` are the fields of its describe.

    Left out are fields that the mapping reserves for the other side, that the org lacks, and that this user may not
    write.
    """
    there = {str(one["name"]).lower(): one for one in described}
    found = []
    for ours, field in written.items():
        one = there.get((field.field or ours).lower())
        if field.direction is Direction.THEIRS or one is None or not one.get("updateable"):
            continue
        to_onboarding = one["type"] == "reference" and ONBOARDING in (one.get("referenceTo") or ())
        found.append(
            OrgField(
                ours=ours,
                theirs=one["name"],
                type=one["type"],
                length=int(one.get("length") or 0),
                both=field.direction is Direction.BOTH,
                parent=one.get("relationshipName") if to_onboarding else None,
            )
        )
    return tuple(found)
