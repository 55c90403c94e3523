"""Runs a query: its rows as in Salesforce's response, with what the logged-in user may see."""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

from sandbox.org.org import Org
from sandbox.org.records import Row
from sandbox.schema.refusals import Refusal, in_query, no_object
from sandbox.schema.values import write_json
from sandbox.soql.criteria import Criteria, ResolvedPath
from sandbox.soql.parser import parse
from sandbox.soql.tree import Query

MOST_SKIPPED = 2000
"""Salesforce's limit of OFFSET."""


@dataclass(frozen=True, slots=True)
class Found:
    """The whole result: all rows as JSON, and their number (COUNT() has a number and no rows)."""

    rows: list[dict[str, Any]]
    size: int


def run(org: Org, soql: str, base: str, *, deleted: bool = False) -> Found:
    """Parse and run a query; ``base`` is the versioned path of this call. Raises Refusal.

    Without ORDER BY the order of rows is arbitrary, and differs in each call.
    """
    query = parse(soql)
    criteria, rows = _select(org, soql, query, deleted)
    if query.count:
        return Found([], len(rows))
    resolved_paths = [criteria.resolve(path) for path in query.fields]
    names = [str(path).lower() for path in query.fields]
    for place, name in enumerate(names):
        if name in names[:place]:
            path = query.fields[place]
            raise in_query("INVALID_FIELD", soql, path.at, f"duplicate field selected: {path}")
    return Found([_record(criteria, row, resolved_paths, base) for row in rows], len(rows))


def _select(org: Org, soql: str, query: Query, deleted: bool) -> tuple[Criteria, list[Row]]:
    sobject = org.rights.object(query.sobject)
    if sobject is None:
        raise no_object(query.sobject, soql, query.sobject_at)

    def choose(inner: Query) -> frozenset[Any]:
        if len(inner.fields) != 1:
            raise Refusal(400, "MALFORMED_QUERY", "a semi-join selects one field")
        its, found = _select(org, soql, inner, deleted)
        resolved = its.resolve(inner.fields[0])
        return frozenset(its.value(row, resolved) for row in found)

    criteria = Criteria(org, soql, sobject, choose)
    test = criteria.test(query.where) if query.where else None
    rows = [
        row for row in org.records.all(sobject.name) if (deleted or not row.deleted) and (test is None or test(row))
    ]
    seed = len(org.calls.calls)
    rows = criteria.sort(sorted(rows, key=lambda row: crc32(f"{row.id}{seed}".encode())), query.order)
    if query.offset is not None and query.offset > MOST_SKIPPED:
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MOST_SKIPPED}")
    start = query.offset or 0
    return criteria, rows[start : None if query.limit is None else start + query.limit]


def _record(criteria: Criteria, row: Row, resolved_paths: list[ResolvedPath], base: str) -> dict[str, Any]:
    record = attributes(row, base)
    for resolved in resolved_paths:
        here, inside = row, record
        for step in resolved.steps:
            target = here.values.get(step.name)
            parent = criteria.org.records.get(step.reference_to or "", target) if target else None
            name = step.relationship or ""
            if parent is None:
                inside.setdefault(name, None)
                break
            here, inside = parent, inside.setdefault(name, attributes(parent, base))
        else:
            value = criteria.value(row, resolved)
            inside[resolved.field.name] = write_json(resolved.field, value)
    return record


def attributes(row: Row, base: str) -> dict[str, Any]:
    """Return the attributes with which every record in a response begins."""
    return {"attributes": {"type": row.sobject, "url": f"{base}/sobjects/{row.sobject}/{row.id}"}}
