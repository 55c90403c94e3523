"""The syntax tree of a SOQL query, as frozen values: ``parser`` builds it, ``querying`` evaluates it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal as OneOf

Operator = OneOf["=", "!=", "<", "<=", ">", ">=", "LIKE"]
Kind = OneOf["string", "number", "boolean", "null", "date", "datetime"]


@dataclass(frozen=True, slots=True)
class Path:
    """A field, over relationships where it has several parts: ``Account.Owner.Name``."""

    parts: tuple[str, ...]
    at: int = field(default=0, compare=False)
    """Its position in the query, for error messages."""

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as the query spells it. ``pattern`` is a string's text with the escapes that LIKE needs."""

    kind: Kind
    value: str | float | bool | date | datetime | None
    at: int = field(default=0, compare=False)
    pattern: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``field operator value``."""

    path: Path
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """``field [NOT] IN (values)``, or the same with a query of one field (semi-join)."""

    path: Path
    values: "tuple[Literal, ...] | Query"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions that must all hold."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions of which one must hold."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """A condition that must not hold."""

    part: "Condition"


Condition = Comparison | Membership | Both | Either | Not


@dataclass(frozen=True, slots=True)
class SortOrder:
    """One key of the order. Nulls come first unless the query says otherwise, whatever the direction."""

    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """``SELECT fields FROM sobject ...``; ``count``: ``SELECT COUNT()``, with no fields."""

    fields: tuple[Path, ...]
    sobject: str
    where: Condition | None = None
    order: tuple[SortOrder, ...] = ()
    limit: int | None = None
    offset: int | None = None
    count: bool = False
    sobject_at: int = field(default=0, compare=False)
