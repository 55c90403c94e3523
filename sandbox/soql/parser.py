"""A recursive-descent parser of SOQL, as strict as Salesforce: a misplaced word is MALFORMED_QUERY with its place.

It parses what first90 uses: fields over relationships, COUNT(), WHERE with AND, OR, NOT, parentheses, IN with values or
a query, ORDER BY, LIMIT, OFFSET. Other SOQL (GROUP BY, functions, child queries) is refused by name.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final, NoReturn, TypeVar, cast

from sandbox.schema.refusals import Refusal, in_query, unknown_here
from sandbox.soql.tokens import Token, tokens
from sandbox.soql.tree import (
    Both,
    Comparison,
    Condition,
    Either,
    Literal,
    Membership,
    Not,
    Operator,
    Path,
    Query,
    SortOrder,
)

Part = TypeVar("Part")

LONGEST_QUERY: Final = 100_000
_RESERVED: Final = frozenset({
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY", "ASC", "DESC", "NULLS", "LIMIT",
    "OFFSET", "NULL", "TRUE", "FALSE", "GROUP", "HAVING",
})  # fmt: skip
_FOREIGN: Final = frozenset(["GROUP", "HAVING", "WITH", "FOR", "USING", "TYPEOF", "UPDATE", "ALL"])


def parse(soql: str) -> Query:
    """Return the parsed query. Raises Refusal: MALFORMED_QUERY for what is no SOQL."""
    if len(soql) > LONGEST_QUERY:
        raise Refusal(400, "MALFORMED_QUERY", f"SOQL statement is longer than {LONGEST_QUERY} characters")
    reader = _SoqlReader(soql)
    query = reader.query()
    reader.end()
    return query


class _SoqlReader:
    def __init__(self, soql: str) -> None:
        self.soql = soql
        self.tokens = tokens(soql)
        self.place = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.next
        self.place += token.kind != "end"
        return token

    def sees(self, *words: str) -> bool:
        """Return whether the next tokens are these words or signs, in any case."""
        ahead = self.tokens[self.place : self.place + len(words)]
        return [token.text.upper() if token.kind in ("word", "sign") else None for token in ahead] == list(words)

    def took(self, *words: str) -> bool:
        if not self.sees(*words):
            return False
        self.place += len(words)
        return True

    def need(self, word: str) -> None:
        if not self.took(word):
            self.unexpected()

    def unexpected(self, token: Token | None = None) -> NoReturn:
        token = token or self.next
        if token.kind == "word" and token.text.upper() in _FOREIGN:
            raise unknown_here(f"{token.text.upper()} in SOQL")
        text = token.text if token.kind != "end" else "<EOF>"
        raise in_query("MALFORMED_QUERY", self.soql, token.at, f"unexpected token: '{text}'")

    def end(self) -> None:
        if self.next.kind != "end":
            self.unexpected()

    def query(self) -> Query:
        self.need("SELECT")
        count = self.took("COUNT", "(", ")")
        fields = () if count else self.several(self.selected)
        self.need("FROM")
        name = self.name()
        where = self.condition() if self.took("WHERE") else None
        order = self.several(self.order) if self.took("ORDER", "BY") else ()
        limit = self.whole_number() if self.took("LIMIT") else None
        offset = self.whole_number() if self.took("OFFSET") else None
        return Query(fields, name.text, where, order, limit, offset, count, name.at)

    def several(self, one: Callable[[], Part]) -> tuple[Part, ...]:
        parts = [one()]
        while self.took(","):
            parts.append(one())
        return tuple(parts)

    def selected(self) -> Path:
        if self.sees("("):
            raise unknown_here("a child query among the fields")
        return self.path()

    def name(self) -> Token:
        token = self.take()
        if token.kind != "word" or "." in token.text or ":" in token.text or token.text.upper() in _RESERVED:
            self.unexpected(token)
        return token

    def path(self) -> Path:
        token = self.take()
        if token.kind != "word" or ":" in token.text or token.text.upper() in _RESERVED:
            self.unexpected(token)
        if self.sees("("):
            raise unknown_here(f"the function {token.text}() in SOQL")
        return Path(tuple(token.text.split(".")), token.at)

    def condition(self) -> Condition:
        if self.took("NOT"):
            return Not(self.term())
        parts = [self.term()]
        for word, kind in (("AND", Both), ("OR", Either)):
            while self.took(word):
                parts.append(self.term())
            if len(parts) > 1:
                return kind(tuple(parts))  # the other word comes next only in parentheses, and is unexpected here
        return parts[0]

    def term(self) -> Condition:
        if self.took("("):
            inner = self.condition()
            self.need(")")
            return inner
        path = self.path()
        if self.took("NOT", "IN"):
            return Membership(path, self.members(), negated=True)
        if self.took("IN"):
            return Membership(path, self.members())
        return Comparison(path, self.operator(), self.literal())

    def members(self) -> tuple[Literal, ...] | Query:
        self.need("(")
        members = self.query() if self.sees("SELECT") else self.several(self.literal)
        self.need(")")
        return members

    def operator(self) -> Operator:
        token = self.take()
        text = token.text.upper()
        if text in ("INCLUDES", "EXCLUDES"):
            raise unknown_here(f"{text} in SOQL")
        if text not in ("=", "!=", "<>", "<", "<=", ">", ">=", "LIKE") or token.kind not in ("sign", "word"):
            self.unexpected(token)
        return cast(Operator, "!=" if text == "<>" else text)

    def literal(self) -> Literal:
        token = self.take()
        match token.kind:
            case "string":
                return Literal("string", token.text, token.at, token.pattern)
            case "number":
                return Literal("number", float(token.text), token.at)
            case "date" | "datetime":
                return self.moment(token)
            case "word" if token.text.upper() == "NULL":
                return Literal("null", None, token.at)
            case "word" if token.text.upper() in ("TRUE", "FALSE"):
                return Literal("boolean", token.text.upper() == "TRUE", token.at)
            case "word" if ":" in token.text or token.text.upper() in ("TODAY", "YESTERDAY", "TOMORROW"):
                raise unknown_here(f"the relative date {token.text}")
        self.unexpected(token)

    def moment(self, token: Token) -> Literal:
        try:
            if token.kind == "date":
                return Literal("date", date.fromisoformat(token.text), token.at)
            return Literal("datetime", datetime.fromisoformat(token.text).astimezone(UTC), token.at)
        except (ValueError, OverflowError):
            self.unexpected(token)

    def order(self) -> SortOrder:
        path = self.path()
        descending = self.took("DESC") or (self.took("ASC") and False)
        nulls_last = False
        if self.took("NULLS"):
            nulls_last = self.took("LAST")
            if not nulls_last:
                self.need("FIRST")
        return SortOrder(path, descending, nulls_last)

    def whole_number(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdecimal():
            self.unexpected(token)
        return int(token.text)
