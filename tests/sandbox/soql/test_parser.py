"""The parser: its tree has the meaning of the text, and what is no SOQL is refused with its place."""

import contextlib
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce.format import format_soql

from sandbox.schema.refusals import Refusal
from sandbox.soql.parser import parse
from sandbox.soql.tree import Both, Comparison, Condition, Either, Literal, Membership, Not, Path, Query, SortOrder

NAMES = st.sampled_from(["Id", "Name", "Amount", "First90_Key__c", "SystemModstamp", "Nothing"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: Path(tuple(parts)))
OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"])
LITERALS = st.one_of(
    st.text(max_size=12).map(lambda text: Literal("string", text)),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda number: Literal("number", float(number))),
    st.booleans().map(lambda flag: Literal("boolean", flag)),
    st.just(Literal("null", None)),
    st.dates(min_value=date(1700, 1, 1)).map(lambda day: Literal("date", day)),
    st.datetimes(min_value=datetime(1700, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    .map(lambda at: at.replace(microsecond=0))
    .map(lambda at: Literal("datetime", at)),
)
LEAVES = st.one_of(
    st.builds(Comparison, PATHS, OPERATORS, LITERALS),
    st.builds(Membership, PATHS, st.lists(LITERALS, min_size=1, max_size=3).map(tuple), st.booleans()),
)


def _groups(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(parts.map(Both), parts.map(Either), inner.map(Not))


QUERIES = st.builds(
    Query,
    st.lists(PATHS, min_size=1, max_size=4).map(tuple),
    st.sampled_from(["Account", "Onboarding_Milestone__c"]),
    st.none() | st.recursive(LEAVES, _groups, max_leaves=8),
    st.lists(st.builds(SortOrder, PATHS, st.booleans(), st.booleans()), max_size=2).map(tuple),
    st.none() | st.integers(0, 50_000),
    st.none() | st.integers(0, 2000),
)


@given(QUERIES)
def test_a_query_that_is_written_down_is_read_back(query: Query) -> None:
    assert parse(written(query)) == query


@given(QUERIES)
def test_the_case_of_words_means_nothing(query: Query) -> None:
    other = "".join(piece if piece[0] in "'+-0123456789" else piece.swapcase() for piece in _pieces(written(query)))
    assert str(parse(other)).lower() == str(parse(written(query))).lower()


@given(st.text())
def test_what_the_client_quotes_comes_through_as_it_was(text: str) -> None:
    query = parse(format_soql("SELECT Id FROM Account WHERE Name = {}", text))
    assert isinstance(query.where, Comparison)
    assert query.where.value.value == text


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(Refusal):
        parse(text)


@pytest.mark.parametrize(
    ("soql", "said"),
    [
        ("", "unexpected token: '<EOF>'"),
        ("SELECT FROM Account", "unexpected token: 'FROM'"),
        ("SELECT * FROM Account", "unexpected token: '*'"),
        ("SELECT Id Name FROM Account", "unexpected token: 'Name'"),
        ("SELECT Id, FROM Account", "unexpected token: 'FROM'"),
        ("SELECT Id FROM", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE Name", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE Name == 'x'", "unexpected token: '='"),
        ('SELECT Id FROM Account WHERE Name = "x"', "unexpected token: '\"x\"'"),
        ("SELECT Id FROM Account WHERE Name IS NULL", "unexpected token: 'IS'"),
        ("SELECT Id FROM Account WHERE Name IN ()", "unexpected token: ')'"),
        ("SELECT Id FROM Account WHERE Name IN 'x'", "unexpected token: 'x'"),
        ("SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3", "unexpected token: 'OR'"),
        ("SELECT Id FROM Account WHERE A = 1 OR B = 2 AND C = 3", "unexpected token: 'AND'"),
        ("SELECT Id FROM Account WHERE (A = 1", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE A = 1)", "unexpected token: ')'"),
        ("SELECT Id FROM Account WHERE A = 'it's'", "mismatched character '<EOF>'"),
        ("SELECT Id FROM Account WHERE A = 'it' s", "unexpected token: 's'"),
        ("SELECT Id FROM Account WHERE A = 'open", "mismatched character '<EOF>'"),
        (r"SELECT Id FROM Account WHERE A = '\q'", r"Illegal character sequence '\q' in string literal"),
        ("SELECT Id FROM Account WHERE A > 2026-02-30", "unexpected token: '2026-02-30'"),
        ("SELECT Id FROM Account WHERE A > 2026-01-01T00:00:00", "unexpected token: '2026-01-01T00:00:00'"),
        # a plus sign that was not encoded in the URL
        ("SELECT Id FROM Account WHERE A > 2026-01-01T00:00:00 01:00", "unexpected token: '2026-01-01T00:00:00'"),
        ("SELECT Id FROM Account ORDER Name", "unexpected token: 'ORDER'"),
        ("SELECT Id FROM Account ORDER BY Name NULLS", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account LIMIT ten", "unexpected token: 'ten'"),
        ("SELECT Id FROM Account LIMIT 1.5", "unexpected token: '1.5'"),
        ("SELECT Id FROM Account LIMIT 5 WHERE A = 1", "unexpected token: 'WHERE'"),
        ("SELECT Id FROM Account; DROP", "unexpected token: ';'"),
    ],
)
def test_what_is_no_soql_is_refused_with_its_place(soql: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(soql)
    assert refused.value.code == "MALFORMED_QUERY"
    assert said in refused.value.message
    assert "ERROR at Row:1:Column:" in refused.value.message


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Name FROM Account GROUP BY Name",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT MAX(Amount) FROM Opportunity",
        "SELECT Id FROM Account WHERE CreatedDate = TODAY",
        "SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS:3",
        "SELECT Id FROM Account FOR UPDATE",
    ],
)
def test_what_only_salesforce_knows_is_said_to_be_unknown(soql: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(soql)
    assert (refused.value.status, refused.value.code) == (501, "SANDBOX_DOES_NOT_KNOW")


def written(query: Query) -> str:
    fields = ", ".join(map(str, query.fields))
    parts = [f"SELECT {fields} FROM {query.sobject}"]
    if query.where is not None:
        parts.append(f"WHERE {_condition(query.where)}")
    if query.order:
        keys = (
            f"{key.path} {'DESC' if key.descending else 'ASC'} NULLS {'LAST' if key.nulls_last else 'FIRST'}"
            for key in query.order
        )
        parts.append(f"ORDER BY {', '.join(keys)}")
    if query.limit is not None:
        parts.append(f"LIMIT {query.limit}")
    if query.offset is not None:
        parts.append(f"OFFSET {query.offset}")
    return " ".join(parts)


def _condition(condition: Condition) -> str:
    match condition:
        case Comparison(path, operator, value):
            return f"{path} {operator} {_literal(value)}"
        case Membership(path, tuple(values), negated):
            return f"{path} {'NOT IN' if negated else 'IN'} ({', '.join(map(_literal, values))})"
        case Not(part):
            return f"NOT ({_condition(part)})"
        case Both(parts):
            return " AND ".join(f"({_condition(part)})" for part in parts)
        case Either(parts):
            return " OR ".join(f"({_condition(part)})" for part in parts)
    raise AssertionError(condition)


def _literal(literal: Literal) -> str:
    match literal.kind:
        case "string":
            return format_soql("{}", literal.value)
        case "datetime":
            assert isinstance(literal.value, datetime)
            return literal.value.isoformat()
        case "boolean" | "null":
            return str(literal.value).lower().replace("none", "null")
        case "number":
            return repr(literal.value)
    return str(literal.value)


def _pieces(text: str) -> list[str]:
    """Return the text in pieces: strings, numbers and instants, words, and the rest."""
    return re.findall(r"'(?:\\.|[^'\\])*'|[+-]?\d[\w.:+-]*|\w+|.", text, re.DOTALL)
