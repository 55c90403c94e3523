"""The composite resource, for queries: up to five in one call that counts once."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.routing import Route

from sandbox.org.org import Org
from sandbox.rest.request import DATA, ApiRequest, ApiResponse, api_route
from sandbox.schema.refusals import Refusal, not_found
from sandbox.soql.querying import run

MOST, MOST_QUERIES = 25, 5
PAGE = 2000


def routes(org: Org) -> list[Route]:
    """Return the route of composite calls."""
    return [api_route(org, f"{DATA}/composite", "composite", POST=_composite)]


def _composite(org: Org, request: ApiRequest) -> ApiResponse:
    body = request.json()
    asked = body.get("compositeRequest") if isinstance(body, dict) else None
    if not isinstance(asked, list) or not asked:
        raise Refusal(400, "JSON_PARSER_ERROR", "The compositeRequest is missing or empty")
    if len(asked) > MOST:
        raise Refusal(400, "LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {MOST}")
    names = [one.get("referenceId") for one in asked]
    if None in names or len(set(names)) != len(names):
        raise Refusal(400, "INVALID_INPUT", "Every subrequest needs a referenceId of its own")
    return ApiResponse(
        200, {"compositeResponse": [_answer(org, request, one, place) for place, one in enumerate(asked)]}
    )


def _answer(org: Org, request: ApiRequest, one: dict[str, Any], place: int) -> dict[str, Any]:
    try:
        if place >= MOST_QUERIES:
            raise Refusal(400, "LIMIT_EXCEEDED", f"The request exceeds the limit of {MOST_QUERIES} query operations")
        body, status = _query(org, request, one), 200
    except Refusal as refusal:
        body, status = refusal.body(), refusal.status
    return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": one["referenceId"]}


def _query(org: Org, request: ApiRequest, one: dict[str, Any]) -> Any:
    address = urlsplit(str(one.get("url", "")))
    if one.get("method") != "GET" or address.path not in (f"{request.base}/query", f"{request.base}/query/"):
        raise not_found()
    soql = parse_qs(address.query).get("q", [""])[0]
    if not soql:
        raise Refusal(400, "MALFORMED_QUERY", "A query string has to be specified")
    request.call.soql = soql
    found = run(org, soql, request.base)
    page: dict[str, Any] = {"totalSize": found.size, "done": len(found.rows) <= PAGE, "records": found.rows[:PAGE]}
    if not page["done"]:
        page["nextRecordsUrl"] = f"{request.base}/query/{org.locators.keep(found.rows)}-{PAGE}"
    request.call.records += len(page["records"])
    return page
