"""The current values of the fields that people may change, read by key just before a write.

A query for a thousand keys is too long for a URL (16,384 bytes), but not for a subrequest of the composite resource, of
which five queries count as one call of the daily limit.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from simple_salesforce.format import format_soql

from config.company.mapping import KEY
from integrations.salesforce.api.errors import RequestRefused, refusal
from integrations.salesforce.api.session import Session
from integrations.salesforce.columns import OrgField

KEYS_A_QUERY = 250
QUERIES_A_CALL = 5

Held = Mapping[str, Mapping[str, Any]]
"""Key in lower case (the org ignores the case of keys) to the row's values by first90's names."""


def read_current(session: Session, crm_object: str, columns: Sequence[OrgField], keys: Sequence[str]) -> Held:
    """Return the existing rows of these keys, one call for each 1,250 keys. Raise Refused."""
    if not columns or not keys:
        return {}
    names = ", ".join(column.theirs for column in columns)
    queries = [
        format_soql(
            "SELECT {key:literal}, {names:literal} FROM {crm_object:literal} WHERE {key:literal} IN {keys}",
            key=KEY,
            names=names,
            crm_object=crm_object,
            keys=list(keys[start : start + KEYS_A_QUERY]),
        )
        for start in range(0, len(keys), KEYS_A_QUERY)
    ]
    found = {}
    for start in range(0, len(queries), QUERIES_A_CALL):
        for row in _rows(session, queries[start : start + QUERIES_A_CALL], f"look at {crm_object}"):
            found[str(row[KEY]).lower()] = {column.ours: row.get(column.theirs) for column in columns}
    return found


def _rows(session: Session, queries: Sequence[str], where: str) -> Iterator[Mapping[str, Any]]:
    base = f"/services/data/v{session.choice.api_version}/query?q="
    asked = [
        {"method": "GET", "url": base + quote(soql, safe=""), "referenceId": f"look{number}"}
        for number, soql in enumerate(queries)
    ]
    body = {"allOrNone": False, "compositeRequest": asked}
    answered = session.call("POST", "composite", json=body, repeat=True, where=where).body
    answers = answered.get("compositeResponse", ()) if isinstance(answered, Mapping) else ()
    if len(answers) != len(queries):
        raise RequestRefused("UNREADABLE_ANSWER", "transient", where)
    for answer in answers:
        page = answer["body"]
        if answer["httpStatusCode"] >= 300:
            raise refusal(answer["httpStatusCode"], page, where)
        yield from page["records"]
        while not page["done"]:
            page = session.get(page["nextRecordsUrl"], where=where).body
            yield from page["records"]
