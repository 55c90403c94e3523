"""The tokens of SOQL."""

import re
from dataclasses import dataclass
from typing import Literal as OneOf

from sandbox.schema.refusals import in_query

TokenKind = OneOf["word", "string", "number", "date", "datetime", "sign", "end"]
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:?\d\d))(?![\w.])
    | (?P<date>\d{4}-\d\d-\d\d)(?![\w.:-])
    | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.:-])
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?::\d+)?)
    | (?P<string>')
    | (?P<sign><=|>=|!=|<>|[=<>(),*])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token; a string's ``text`` is decoded, its ``pattern`` is the same with the escapes that LIKE needs."""

    kind: TokenKind
    text: str
    at: int
    pattern: str = ""


def tokens(soql: str) -> list[Token]:
    """Return the tokens of a query and an end token. Raises Refusal (MALFORMED_QUERY) for anything else."""
    found: list[Token] = []
    at = 0
    while soql[at:].strip():
        match = _TOKEN.match(soql, at)
        if match is None:
            start = at + len(soql[at:]) - len(soql[at:].lstrip())
            raise in_query("MALFORMED_QUERY", soql, start, f"unexpected token: '{soql[start:].split()[0][:40]}'")
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]
        start = match.start(kind)
        if kind == "string":
            token, at = _string(soql, start)
            found.append(token)
        else:
            found.append(Token(kind, match.group(kind), start))
            at = match.end()
    return [*found, Token("end", "<EOF>", len(soql))]


def _string(soql: str, start: int) -> tuple[Token, int]:
    text: list[str] = []
    pattern: list[str] = []
    at = start + 1
    while at < len(soql):
        char = soql[at]
        if char == "'":
            return Token("string", "".join(text), start, "".join(pattern)), at + 1
        if char != "\\":
            text.append(char)
            pattern.append(char)
            at += 1
            continue
        letter = soql[at + 1 : at + 2]
        if letter == "u" and re.fullmatch(r"[0-9A-Fa-f]{4}", soql[at + 2 : at + 6]):
            meant, width = chr(int(soql[at + 2 : at + 6], 16)), 6
        elif letter.lower() in _ESCAPES:
            meant, width = _ESCAPES[letter.lower()], 2
        else:
            raise in_query(
                "MALFORMED_QUERY",
                soql,
                at,
                f"Invalid string literal '{soql[start + 1 : at + 2]}'. Illegal character sequence '\\{letter}' in "
                "string literal.",
            )
        text.append(meant)
        pattern.append("\\" + meant if meant in "\\_%" else meant)
        at += width
    raise in_query("MALFORMED_QUERY", soql, start, f"line 1:{len(soql)} mismatched character '<EOF>' expecting '''")
