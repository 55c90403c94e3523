"""Collections: up to 200 records in one call, with a result for each (``/composite/sobjects``)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from starlette.routing import Route

from sandbox.org.org import Org
from sandbox.org.writing import create, find_by_id, key_field, update
from sandbox.rest.reading_routes import readable, record
from sandbox.rest.record_routes import delete
from sandbox.rest.request import DATA, ApiRequest, ApiResponse, api_route
from sandbox.schema.fields import SObject
from sandbox.schema.refusals import RecordError, Refusal, not_found
from sandbox.schema.values import read_id

MOST_RECORDS = 200
MOST_READ = 2000
MOST_CHUNKS = 10
Given = Mapping[str, Any]
Result = dict[str, Any]


def routes(org: Org) -> list[Route]:
    """Return the routes of collections."""
    base = f"{DATA}/composite/sobjects"
    return [
        api_route(org, base, "write_collection", POST=_create, PATCH=_update, DELETE=_delete),
        api_route(org, f"{base}/{{sobject}}", "read_collection", GET=_read_few, POST=_read_many),
        api_route(org, f"{base}/{{sobject}}/{{key}}", "write_collection", PATCH=_upsert),
    ]


def _create(org: Org, request: ApiRequest) -> ApiResponse:
    def one(given: Given) -> Result:
        return _saved(create(org, _type(org, given), given))

    return _each(org, request, one)


def _update(org: Org, request: ApiRequest) -> ApiResponse:
    def one(given: Given) -> Result:
        sobject = _type(org, given)
        row = find_by_id(org, sobject, next((value for name, value in given.items() if name.lower() == "id"), None))
        update(org, sobject, row, given)
        return _saved(row.id)

    return _each(org, request, one)


def _upsert(org: Org, request: ApiRequest) -> ApiResponse:
    sobject = readable(org, request.parts["sobject"])
    field = key_field(org, sobject, request.parts["key"])
    if field is None:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {request.parts['key']}")
    counted = Counter(_folded(_value(given, field.name)) for given in _records(request))

    def one(given: Given) -> Result:
        if _type(org, given).name != sobject.name:
            raise RecordError("INVALID_TYPE", f"the records of this call are of type {sobject.name}")
        key = _value(given, field.name)
        if key in (None, ""):
            raise RecordError("MISSING_ARGUMENT", f"{field.name} not specified", (field.name,))
        if counted[_folded(key)] > 1:
            raise RecordError("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", (field.name,))
        if field.name == "Id":
            row = find_by_id(org, sobject, key)
            update(org, sobject, row, given)
            return _saved(row.id) | {"created": False}
        rows = org.records.find(sobject.name, field.name, str(key))
        if len(rows) > 1:
            raise RecordError("DUPLICATE_EXTERNAL_ID", f"{field.name}: more than one record found", (field.name,))
        if not rows:
            return _saved(create(org, sobject, given)) | {"created": True}
        update(org, sobject, rows[0], given)
        return _saved(rows[0].id) | {"created": False}

    return _each(org, request, one)


def _delete(org: Org, request: ApiRequest) -> ApiResponse:
    ids = request.query.get("ids", "").split(",")
    _check_count(ids, MOST_RECORDS)
    results: list[Result] = []
    for given in ids:
        sobject = next((one for one in org.rights.objects() if given.startswith(one.prefix)), None)
        try:
            if sobject is None:
                raise RecordError("MALFORMED_ID", f"malformed id {given}")
            row = find_by_id(org, sobject, given)
            delete(org, sobject, row)
            results.append(_saved(row.id))
        except RecordError as error:
            results.append({"success": False, "errors": [error.body()]})
    request.call.records = len(ids)
    return ApiResponse(200, results)


def _read_few(org: Org, request: ApiRequest) -> ApiResponse:
    return _read(org, request, request.query.get("ids", "").split(","), request.query.get("fields", "").split(","))


def _read_many(org: Org, request: ApiRequest) -> ApiResponse:
    body = request.json()
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "ids and fields are expected")
    return _read(org, request, body.get("ids") or [], body.get("fields") or [])


def _read(org: Org, request: ApiRequest, ids: Sequence[str], names: Sequence[str]) -> ApiResponse:
    sobject = readable(org, request.parts["sobject"])
    _check_count(ids, MOST_READ)
    request.call.records = len(ids)
    found = [read_id(str(one)) for one in ids]
    for given, record_id in zip(ids, found, strict=True):
        if record_id is None or not record_id.startswith(sobject.prefix):
            raise Refusal(400, "MALFORMED_ID", f"malformed id {given}")
    return ApiResponse(200, [record(org, sobject, one or "", list(names), request.base) for one in found])


def _each(org: Org, request: ApiRequest, write: Callable[[Given], Result]) -> ApiResponse:
    """Write each record; with ``allOrNone`` one bad record rolls all back.

    A value that cannot be read at all (an unknown field, text for a date) refuses the whole call.
    """
    records = _records(request)
    request.call.records = len(records)
    request.call.sobject = request.call.sobject or str(_value(records[0].get("attributes") or {}, "type"))
    before = org.records.snapshot()
    results: list[Result] = []
    try:
        for given in records:
            try:
                results.append(write(given))
            except RecordError as error:
                results.append({"success": False, "errors": [error.body()]})
    except Refusal:
        org.records.restore(before)
        raise
    if _all_or_none(request) and not all(one["success"] for one in results):
        org.records.restore(before)
        rolled_back = RecordError(
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "Record rolled back because not all records were valid and the request was using AllOrNone header",
        )
        results = [{"success": False, "errors": [rolled_back.body()]} if one["success"] else one for one in results]
    return ApiResponse(200, results)


def _records(request: ApiRequest) -> list[Given]:
    body = request.json()
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Refusal(400, "JSON_PARSER_ERROR", "records is expected to be a list of objects")
    _check_count(records, MOST_RECORDS)
    kinds = [str(_value(one.get("attributes") or {}, "type")).lower() for one in records]
    if len(list(groupby(kinds))) > MOST_CHUNKS:
        raise Refusal(
            400,
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MOST_CHUNKS} chunks in a single operation. Please rearrange the data to reduce "
            "chunking.",
        )
    return records


def _check_count(given: Sequence[Any], most: int) -> None:
    if not given:
        raise Refusal(400, "INVALID_OPERATION", "no records were given")
    if len(given) > most:
        raise Refusal(
            400,
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {most} records into this call",
        )


def _all_or_none(request: ApiRequest) -> bool:
    body = request.json()
    return bool(body.get("allOrNone", False))


def _type(org: Org, given: Given) -> SObject:
    name = _value(given.get("attributes") or {}, "type")
    if not isinstance(name, str):
        raise Refusal(400, "INVALID_FIELD", "attributes.type is missing in a record")
    sobject = org.rights.object(name)
    if sobject is None:
        raise Refusal(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return sobject


def _value(given: Given, name: str) -> Any:
    return next((value for key, value in given.items() if key.lower() == name.lower()), None)


def _folded(key: Any) -> str:
    return str(key).casefold()


def _saved(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}
