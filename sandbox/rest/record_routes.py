"""Single records over REST: create, read, update, delete, and upsert by an external id."""

from typing import Any
from urllib.parse import unquote

from starlette.routing import Route

from sandbox.org.org import USER_ID, Org
from sandbox.org.records import Row
from sandbox.org.writing import create, find_by_id, key_field, update
from sandbox.rest.reading_routes import readable, record
from sandbox.rest.request import DATA, Ask, Reply, door
from sandbox.schema.fields import Field, SObject
from sandbox.schema.refusals import RecordError, Refusal, not_found
from sandbox.schema.values import read_id

CREATED_FLAG_SINCE = 46.0
"""From this API version on an upsert that updates answers 200 with a body, before it 204 without (REST guide)."""


def routes(org: Org) -> list[Route]:
    """The addresses of single records."""
    one = f"{DATA}/sobjects/{{sobject}}"
    by_id, by_key = f"{one}/{{id}}", f"{one}/{{key}}/{{value:path}}"
    kind, reading = "write_record", "record"
    return [
        door(org, one, kind, reading=reading, GET=_about, POST=_create),
        door(org, by_id, kind, reading=reading, GET=_get, PATCH=_update, DELETE=_delete),
        door(org, by_key, kind, reading=reading, GET=_get_by_key, PATCH=_upsert, DELETE=_delete_by_key),
    ]


def _about(org: Org, ask: Ask) -> Reply:
    from sandbox.schema.describe import summary

    sobject = readable(org, ask.parts["sobject"])
    return Reply(200, {"objectDescribe": summary(org.rights, sobject, ask.base), "recentItems": []})


def _create(org: Org, ask: Ask) -> Reply:
    sobject = readable(org, ask.parts["sobject"])
    ask.call.records = 1
    return Reply(201, {"id": create(org, sobject, _body(ask)), "success": True, "errors": []})


def _get(org: Org, ask: Ask) -> Reply:
    sobject = readable(org, ask.parts["sobject"])
    record_id = read_id(ask.parts["id"])
    if record_id is None or not record_id.startswith(sobject.prefix):
        raise Refusal(400, "MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {ask.parts['id']}")
    return _shown(org, ask, sobject, record_id)


def _get_by_key(org: Org, ask: Ask) -> Reply:
    sobject, field, value = _key(org, ask)
    rows = org.records.find(sobject.name, field.name, value)
    if len(rows) > 1:
        return Reply(300, [f"{ask.base}/sobjects/{sobject.name}/{row.id}" for row in rows])
    return _shown(org, ask, sobject, rows[0].id if rows else "")


def _shown(org: Org, ask: Ask, sobject: SObject, record_id: str) -> Reply:
    names = ask.query["fields"].split(",") if ask.query.get("fields") else None
    found = record(org, sobject, record_id, names, ask.base)
    if found is None:
        row = org.records.get(sobject.name, record_id)
        if row is not None and row.deleted:
            raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted", ())
        raise not_found()
    ask.call.records = 1
    return Reply(200, found)


def _update(org: Org, ask: Ask) -> Reply:
    sobject = readable(org, ask.parts["sobject"])
    body = _body(ask)
    if any(name.lower() == "id" for name in body):
        raise Refusal(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    ask.call.records = 1
    update(org, sobject, _existing(org, sobject, ask.parts["id"]), body)
    return Reply(204)


def _upsert(org: Org, ask: Ask) -> Reply:
    sobject, field, value = _key(org, ask)
    body = _body(ask)
    given = {name.lower() for name in body}
    for name in (field.name, "Id"):
        if name.lower() in given:
            raise Refusal(400, "INVALID_FIELD", f"The {name} field should not be specified in the sobject data.")
    ask.call.records = 1
    rows = org.records.find(sobject.name, field.name, value)
    if len(rows) > 1:
        return Reply(300, [f"{ask.base}/sobjects/{sobject.name}/{row.id}" for row in rows])
    if not rows:
        record_id = create(org, sobject, {**body, field.name: value})
        return Reply(201, {"id": record_id, "success": True, "errors": [], "created": True})
    update(org, sobject, rows[0], body)
    if float(ask.parts["version"]) < CREATED_FLAG_SINCE:
        return Reply(204)
    return Reply(200, {"id": rows[0].id, "success": True, "errors": [], "created": False})


def _delete(org: Org, ask: Ask) -> Reply:
    sobject = readable(org, ask.parts["sobject"])
    delete(org, sobject, _existing(org, sobject, ask.parts["id"]))
    return Reply(204)


def _delete_by_key(org: Org, ask: Ask) -> Reply:
    sobject, field, value = _key(org, ask)
    rows = org.records.find(sobject.name, field.name, value)
    if not rows:
        raise not_found()
    delete(org, sobject, rows[0])
    return Reply(204)


def delete(org: Org, sobject: SObject, row: Row) -> None:
    """Move a record to the recycle bin, with what is master-detail below it. Raises RecordError."""
    if not org.rights.may("delete", sobject):
        raise RecordError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    if row.deleted:
        raise RecordError("ENTITY_IS_DELETED", "entity is deleted")
    org.bin(row, by=USER_ID)


def _existing(org: Org, sobject: SObject, given: str) -> Row:
    try:
        row = find_by_id(org, sobject, given)
    except RecordError as error:
        if error.code == "INVALID_CROSS_REFERENCE_KEY":
            raise not_found() from None
        raise
    return row


def _key(org: Org, ask: Ask) -> tuple[SObject, Field, str]:
    """The external id of the path. A slash in its value has to be encoded, or it splits the path."""
    sobject = readable(org, ask.parts["sobject"])
    parts = ask.raw_path.rstrip("/").split("/")
    field = key_field(org, sobject, ask.parts["key"])
    if field is None:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {ask.parts['key']}")
    if unquote(parts[-2]).lower() != ask.parts["key"].lower():
        raise not_found()
    return sobject, field, unquote(parts[-1])


def _body(ask: Ask) -> dict[str, Any]:
    body = ask.json()
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this is no object.")
    return body
