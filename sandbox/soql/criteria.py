"""WHERE and ORDER BY over rows: paths are resolved and types checked as in Salesforce, then rows tested and sorted."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sandbox.org.org import Org
from sandbox.org.records import Row
from sandbox.schema.describe import is_long
from sandbox.schema.fields import Field, SObject
from sandbox.schema.refusals import in_query, no_column
from sandbox.schema.values import NUMBERS, read_id
from sandbox.soql.tree import Both, Comparison, Condition, Either, Literal, Membership, Not, Path, Query, SortOrder

Test = Callable[[Row], bool]
Choose = Callable[[Query], frozenset[Any]]
"""A function that runs the query of a semi-join."""
_IDS: Final = ("id", "reference")
_SPOKEN: Final = {"datetime": "dateTime", "id": "ID", "reference": "reference"}


@dataclass(frozen=True, slots=True)
class ResolvedPath:
    """A resolved path: the references to follow, the object at their end, and the field there."""

    steps: tuple[Field, ...]
    sobject: SObject
    field: Field


@dataclass(frozen=True, slots=True)
class Criteria:
    """The conditions of one query on one object."""

    org: Org
    soql: str
    sobject: SObject
    choose: Choose

    def resolve(self, path: Path) -> ResolvedPath:
        """Return the resolved path. Raises INVALID_FIELD with Salesforce's wording."""
        at, steps = self.sobject, []
        for part in path.parts[:-1]:
            step = next(
                (
                    one
                    for one in at.fields.values()
                    if (one.relationship or "").lower() == part.lower() and self.org.rights.sees(at, one)
                ),
                None,
            )
            target = self.org.rights.object(step.reference_to or "") if step else None
            if step is None or target is None:
                raise in_query(
                    "INVALID_FIELD",
                    self.soql,
                    path.at,
                    f"Didn't understand relationship '{part}' in field path. If you are attempting to use a custom "
                    "relationship, be sure to append the '__r' after the custom relationship name. Please reference "
                    "your WSDL or the describe call for the appropriate names.",
                )
            steps.append(step)
            at = target
        field = self.org.rights.field(at, path.parts[-1])
        if field is None:
            raise no_column(path.parts[-1], at.name, self.soql, path.at)
        return ResolvedPath(tuple(steps), at, field)

    def end(self, row: Row, resolved: ResolvedPath) -> Row | None:
        """Return the row at the end of the references, or None."""
        here: Row | None = row
        for step in resolved.steps:
            target = here.values.get(step.name) if here else None
            here = self.org.records.get(step.reference_to or "", target) if target else None
        return here

    def value(self, row: Row, resolved: ResolvedPath) -> Any:
        """Return the value at the end of a path, or None."""
        end = self.end(row, resolved)
        value = end.values.get(resolved.field.name) if end else None
        return False if value is None and resolved.field.type == "boolean" and end else value

    def test(self, condition: Condition) -> Test:
        """Return a condition as a test of rows. Raises Refusal for unknown fields and values of another type."""
        match condition:
            case Both(parts):
                tests = [self.test(part) for part in parts]
                return lambda row: all(test(row) for test in tests)
            case Either(parts):
                tests = [self.test(part) for part in parts]
                return lambda row: any(test(row) for test in tests)
            case Not(part):
                inner = self.test(part)
                return lambda row: not inner(row)
            case Membership():
                return self._membership(condition)
            case Comparison():
                return self._comparison(condition)

    def sort(self, rows: list[Row], order: tuple[SortOrder, ...]) -> list[Row]:
        """Return the rows sorted; the sort is stable. Nulls come first unless the query says otherwise."""
        for key in reversed(order):
            resolved = self.resolve(key.path)
            if is_long(resolved.field):
                raise in_query(
                    "INVALID_FIELD",
                    self.soql,
                    key.path.at,
                    f"field '{resolved.field.name}' can not be sorted in a query call",
                )
            held = [(self._key(resolved, self.value(row, resolved)), row) for row in rows]
            full = [pair for pair in held if pair[0] is not None]
            full.sort(key=lambda pair: pair[0], reverse=key.descending)
            empty = [row for value, row in held if value is None]
            there = [row for _, row in full]
            rows = there + empty if key.nulls_last else empty + there
        return rows

    def _membership(self, condition: Membership) -> Test:
        resolved = self._filtered(condition.path)
        if isinstance(condition.values, Query):
            wanted = {self._key(resolved, value) for value in self.choose(condition.values)}
        else:
            for literal in condition.values:
                self._check(resolved, literal)
            wanted = {self._key(resolved, literal.value) for literal in condition.values}
        negated = condition.negated
        return lambda row: (self._key(resolved, self.value(row, resolved)) in wanted) != negated

    def _comparison(self, condition: Comparison) -> Test:
        resolved, operator, literal = self._filtered(condition.path), condition.operator, condition.value
        text = resolved.field.type not in {*_IDS, *NUMBERS, "boolean", "date", "datetime"}
        if operator == "LIKE":
            if not text or literal.kind != "string":
                raise self._bad_operator(condition)
            like = _like(literal.pattern)
            return lambda row: like.fullmatch(self.value(row, resolved) or "") is not None
        self._check(resolved, literal)
        wanted = self._key(resolved, literal.value)
        if operator == "=":
            return lambda row: bool(self._key(resolved, self.value(row, resolved)) == wanted)
        if operator == "!=":
            return lambda row: bool(self._key(resolved, self.value(row, resolved)) != wanted)
        if wanted is None or resolved.field.type == "boolean":
            raise self._bad_operator(condition)
        compare: Callable[[Any, Any], bool] = {
            "<": lambda one, other: one < other,
            "<=": lambda one, other: one <= other,
            ">": lambda one, other: one > other,
            ">=": lambda one, other: one >= other,
        }[operator]

        def test(row: Row) -> bool:
            held = self._key(resolved, self.value(row, resolved))
            return held is not None and compare(held, wanted)

        return test

    def _filtered(self, path: Path) -> ResolvedPath:
        resolved = self.resolve(path)
        if is_long(resolved.field):
            raise in_query(
                "INVALID_FIELD",
                self.soql,
                path.at,
                f"field '{resolved.field.name}' can not be filtered in a query call",
            )
        return resolved

    def _check(self, resolved: ResolvedPath, literal: Literal) -> None:
        kind = resolved.field.type
        if literal.kind == "null":
            return
        if kind in _IDS:
            if literal.kind != "string" or read_id(str(literal.value)) is None:
                raise in_query(
                    "INVALID_QUERY_FILTER_OPERATOR", self.soql, literal.at, f"invalid ID field: {literal.value}"
                )
            return
        wanted = "number" if kind in NUMBERS else kind if kind in ("boolean", "date", "datetime") else "string"
        if literal.kind != wanted:
            quotes = "should be enclosed in quotes" if wanted == "string" else "should not be enclosed in quotes"
            raise in_query(
                "INVALID_FIELD",
                self.soql,
                literal.at,
                f"value of filter criterion for field '{resolved.field.name}' must be of type "
                f"{_SPOKEN.get(kind, kind)} and {quotes}",
            )

    def _bad_operator(self, condition: Comparison) -> Exception:
        return in_query("INVALID_QUERY_FILTER_OPERATOR", self.soql, condition.path.at, "invalid operator")

    @staticmethod
    def _key(resolved: ResolvedPath, value: Any) -> Any:
        """Return what is compared: text in lower case, ids in 15 characters, instants to the second."""
        if isinstance(value, datetime):
            return value.replace(microsecond=0)
        if not isinstance(value, str):
            return value
        if resolved.field.type in _IDS:
            return value[:15]
        return value if resolved.field.case_sensitive else value.casefold()


def _like(pattern: str) -> re.Pattern[str]:
    """Return a LIKE pattern as a regular expression: ``%`` is any text, ``_`` one character, both literal after a
    backslash; case is ignored."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.IGNORECASE | re.DOTALL)
