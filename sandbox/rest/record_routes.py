"""Single records over REST: create, read, update, delete, and upsert by an external id."""

from typing import Any
from urllib.parse import unquote

from starlette.routing import Route

from sandbox.org.org import USER_ID, Org
from sandbox.org.records import Row
from sandbox.org.writing import create, find_by_id, key_field, update
from sandbox.rest.reading_routes import readable, record
from sandbox.rest.request import DATA, ApiRequest, ApiResponse, api_route
from sandbox.schema.fields import Field, SObject
from sandbox.schema.refusals import RecordError, Refusal, not_found
from sandbox.schema.values import read_id

CREATED_FLAG_SINCE = 46.0
"""From this API version on an upsert that updates responds with 200 and a body, before it with 204 (REST guide)."""


def routes(org: Org) -> list[Route]:
    """Return the routes of single records."""
    one = f"{DATA}/sobjects/{{sobject}}"
    by_id, by_key = f"{one}/{{id}}", f"{one}/{{key}}/{{value:path}}"
    kind, reading = "write_record", "record"
    return [
        api_route(org, one, kind, reading=reading, GET=_about, POST=_create),
        api_route(org, by_id, kind, reading=reading, GET=_get, PATCH=_update, DELETE=_delete),
        api_route(org, by_key, kind, reading=reading, GET=_get_by_key, PATCH=_upsert, DELETE=_delete_by_key),
    ]


def _about(org: Org, request: ApiRequest) -> ApiResponse:
    from sandbox.schema.describe import summary

    sobject = readable(org, request.parts["sobject"])
    return ApiResponse(200, {"objectDescribe": summary(org.rights, sobject, request.base), "recentItems": []})


def _create(org: Org, request: ApiRequest) -> ApiResponse:
    sobject = readable(org, request.parts["sobject"])
    request.call.records = 1
    return ApiResponse(201, {"id": create(org, sobject, _body(request)), "success": True, "errors": []})


def _get(org: Org, request: ApiRequest) -> ApiResponse:
    sobject = readable(org, request.parts["sobject"])
    record_id = read_id(request.parts["id"])
    if record_id is None or not record_id.startswith(sobject.prefix):
        raise Refusal(400, "MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {request.parts['id']}")
    return _shown(org, request, sobject, record_id)


def _get_by_key(org: Org, request: ApiRequest) -> ApiResponse:
    sobject, field, value = _key(org, request)
    rows = org.records.find(sobject.name, field.name, value)
    if len(rows) > 1:
        return ApiResponse(300, [f"{request.base}/sobjects/{sobject.name}/{row.id}" for row in rows])
    return _shown(org, request, sobject, rows[0].id if rows else "")


def _shown(org: Org, request: ApiRequest, sobject: SObject, record_id: str) -> ApiResponse:
    names = request.query["fields"].split(",") if request.query.get("fields") else None
    found = record(org, sobject, record_id, names, request.base)
    if found is None:
        row = org.records.get(sobject.name, record_id)
        if row is not None and row.deleted:
            raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted", ())
        raise not_found()
    request.call.records = 1
    return ApiResponse(200, found)


def _update(org: Org, request: ApiRequest) -> ApiResponse:
    sobject = readable(org, request.parts["sobject"])
    body = _body(request)
    if any(name.lower() == "id" for name in body):
        raise Refusal(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    request.call.records = 1
    update(org, sobject, _existing(org, sobject, request.parts["id"]), body)
    return ApiResponse(204)


def _upsert(org: Org, request: ApiRequest) -> ApiResponse:
    sobject, field, value = _key(org, request)
    body = _body(request)
    given = {name.lower() for name in body}
    for name in (field.name, "Id"):
        if name.lower() in given:
            raise Refusal(400, "INVALID_FIELD", f"The {name} field should not be specified in the sobject data.")
    request.call.records = 1
    rows = org.records.find(sobject.name, field.name, value)
    if len(rows) > 1:
        return ApiResponse(300, [f"{request.base}/sobjects/{sobject.name}/{row.id}" for row in rows])
    if not rows:
        record_id = create(org, sobject, {**body, field.name: value})
        return ApiResponse(201, {"id": record_id, "success": True, "errors": [], "created": True})
    update(org, sobject, rows[0], body)
    if float(request.parts["version"]) < CREATED_FLAG_SINCE:
        return ApiResponse(204)
    return ApiResponse(200, {"id": rows[0].id, "success": True, "errors": [], "created": False})


def _delete(org: Org, request: ApiRequest) -> ApiResponse:
    sobject = readable(org, request.parts["sobject"])
    delete(org, sobject, _existing(org, sobject, request.parts["id"]))
    return ApiResponse(204)


def _delete_by_key(org: Org, request: ApiRequest) -> ApiResponse:
    sobject, field, value = _key(org, request)
    rows = org.records.find(sobject.name, field.name, value)
    if not rows:
        raise not_found()
    delete(org, sobject, rows[0])
    return ApiResponse(204)


def delete(org: Org, sobject: SObject, row: Row) -> None:
    """Move a record to the recycle bin, with all master-detail records below it. Raises RecordError."""
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


def _key(org: Org, request: ApiRequest) -> tuple[SObject, Field, str]:
    """Return object, field and value of an external id in the path. A slash in the value has to be encoded."""
    sobject = readable(org, request.parts["sobject"])
    parts = request.raw_path.rstrip("/").split("/")
    field = key_field(org, sobject, request.parts["key"])
    if field is None:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {request.parts['key']}")
    if unquote(parts[-2]).lower() != request.parts["key"].lower():
        raise not_found()
    return sobject, field, unquote(parts[-1])


def _body(request: ApiRequest) -> dict[str, Any]:
    body = request.json()
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this is no object.")
    return body
