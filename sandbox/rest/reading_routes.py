"""Reading over REST: versions, limits, objects, describe, queries, single records."""

from typing import Any

from starlette.routing import Route

from sandbox.org.org import Org
from sandbox.rest.request import DATA, NEWEST, OLDEST, ApiRequest, ApiResponse, api_route
from sandbox.schema.describe import describe, summary
from sandbox.schema.fields import Field, SObject
from sandbox.schema.refusals import Refusal, no_column_written, not_found
from sandbox.schema.values import write_json
from sandbox.soql.querying import attributes, run

LEAST_PAGE, MOST_PAGE = 200, 2000
OPTIONS = "sforce-query-options"


def routes(org: Org) -> list[Route]:
    """Return the routes for reading."""
    return [
        api_route(org, "/services/data", "versions", is_open=True, GET=_versions),
        api_route(org, DATA, "resources", GET=_resources),
        api_route(org, f"{DATA}/limits", "limits", GET=_limits),
        api_route(org, f"{DATA}/sobjects", "objects", GET=_objects),
        api_route(org, f"{DATA}/sobjects/{{sobject}}/describe", "describe", GET=_describe),
        api_route(org, f"{DATA}/query", "query", GET=_query),
        api_route(org, f"{DATA}/queryAll", "query", GET=_query_all),
        api_route(org, f"{DATA}/query/{{locator}}", "query_more", GET=_more),
        api_route(org, f"{DATA}/queryAll/{{locator}}", "query_more", GET=_more),
    ]


def readable(org: Org, name: str) -> SObject:
    """Return an object that the user may read. Raises NOT_FOUND."""
    sobject = org.rights.object(name)
    if sobject is None:
        raise not_found()
    return sobject


def record(org: Org, sobject: SObject, record_id: str, names: list[str] | None, base: str) -> dict[str, Any] | None:
    """Return a record with the named fields, or all visible ones; None where there is none. Raises INVALID_FIELD."""
    row = org.records.get(sobject.name, record_id)
    fields: list[Field] = []
    for name in names if names is not None else list(sobject.fields):
        field = org.rights.field(sobject, name)
        if field is not None:
            fields.append(field)
        elif names is not None:
            raise no_column_written(name, sobject.name)
    if row is None or row.deleted:
        return None
    return attributes(row, base) | {one.name: write_json(one, row.values.get(one.name)) for one in fields}


def _versions(org: Org, request: ApiRequest) -> ApiResponse:
    return ApiResponse(
        200,
        [
            {"label": f"sandbox {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(OLDEST, NEWEST + 1)
        ],
    )


def _resources(org: Org, request: ApiRequest) -> ApiResponse:
    return ApiResponse(
        200, {name: f"{request.base}/{name}" for name in ("sobjects", "query", "queryAll", "limits", "composite")}
    )


def _limits(org: Org, request: ApiRequest) -> ApiResponse:
    return ApiResponse(
        200,
        {
            "DailyApiRequests": {"Max": org.allowance, "Remaining": max(0, org.allowance - org.used)},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
        },
    )


def _objects(org: Org, request: ApiRequest) -> ApiResponse:
    listed = [summary(org.rights, one, request.base) for one in org.rights.objects()]
    return ApiResponse(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def _describe(org: Org, request: ApiRequest) -> ApiResponse:
    return ApiResponse(200, describe(org.rights, readable(org, request.parts["sobject"]), request.base))


def _query(org: Org, request: ApiRequest, *, deleted: bool = False) -> ApiResponse:
    if "q" not in request.query:
        raise Refusal(400, "MALFORMED_QUERY", "A query string has to be specified")
    found = run(org, request.query["q"], request.base, deleted=deleted)
    return ApiResponse(200, _page(org, request, found.rows, found.size, None, 0))


def _query_all(org: Org, request: ApiRequest) -> ApiResponse:
    return _query(org, request, deleted=True)


def _more(org: Org, request: ApiRequest) -> ApiResponse:
    name, _, start = request.parts["locator"].rpartition("-")
    if not start.isdecimal():
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    rows = org.locators.rows(name)
    return ApiResponse(200, _page(org, request, rows, len(rows), name, int(start)))


def _page(
    org: Org, request: ApiRequest, rows: list[dict[str, Any]], size: int, locator: str | None, start: int
) -> dict[str, Any]:
    end = start + _page_size(org, request)
    answer: dict[str, Any] = {"totalSize": size, "done": end >= len(rows), "records": rows[start:end]}
    request.call.records = len(answer["records"])
    if not answer["done"]:
        locator = locator or org.locators.keep(rows)
        kind = "queryAll" if "/queryAll" in request.call.path else "query"
        answer["nextRecordsUrl"] = f"{request.base}/{kind}/{locator}-{end}"
    return answer


def _page_size(org: Org, request: ApiRequest) -> int:
    """Return the requested page size within Salesforce's bounds, or fewer where the org is set so."""
    wanted = MOST_PAGE
    for part in request.headers.get(OPTIONS, "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "batchsize" and value.isdecimal():
            wanted = int(value)
    wanted = min(max(wanted, LEAST_PAGE), MOST_PAGE)
    return min(wanted, org.page_limit) if org.page_limit else wanted
