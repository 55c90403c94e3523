"""Bulk API 2.0 ingest: create a job, upload its CSV, close it, poll it, fetch the results of the rows."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.routing import Route

from sandbox.org.bulk_jobs import CHUNK, DELIMITERS, ENDED, LINE_ENDS, BadSheet, IngestJob, bad_state
from sandbox.org.org import Org
from sandbox.org.writing import create, key_field, update
from sandbox.rest.request import DATA, ApiRequest, ApiResponse, api_route
from sandbox.schema.fields import SObject
from sandbox.schema.refusals import RecordError, Refusal, not_found

BASE = f"{DATA}/jobs/ingest"
MOST_BYTES = 150_000_000
PARTS = ("successfulResults", "failedResults", "unprocessedrecords")


def routes(org: Org) -> list[Route]:
    """Return the routes of ingest jobs."""
    return [
        api_route(org, BASE, "bulk_create", POST=_create),
        api_route(org, f"{BASE}/{{job}}/batches", "bulk_upload", PUT=_upload),
        *(api_route(org, f"{BASE}/{{job}}/{part}", "bulk_results", GET=_results(part)) for part in PARTS),
        api_route(org, f"{BASE}/{{job}}", "bulk_job", GET=_look, PATCH=_change, DELETE=_delete),
    ]


def _create(org: Org, request: ApiRequest) -> ApiResponse:
    given = request.json()
    sobject = org.rights.object(str(given.get("object")))
    if sobject is None:
        raise Refusal(400, "INVALIDENTITY", f"Entity '{given.get('object')}' is not supported by the Bulk API.")
    if given.get("operation") != "upsert" or given.get("contentType", "CSV") != "CSV":
        raise Refusal(400, "INVALIDJOB", "the sandbox knows upserts of CSV alone")
    key = key_field(org, sobject, str(given.get("externalIdFieldName")))
    if key is None:
        raise Refusal(400, "INVALIDJOB", "External ID field name is required for upsert, and must be an external ID")
    line_ending, delimiter = given.get("lineEnding", "LF"), given.get("columnDelimiter", "COMMA")
    if line_ending not in LINE_ENDS or delimiter not in DELIMITERS:
        raise Refusal(400, "INVALIDJOB", "lineEnding or columnDelimiter is unknown")
    job = IngestJob(f"750{len(org.bulk.jobs) + 1:012d}AAA", sobject.name, key.name, line_ending, delimiter)
    org.bulk.jobs[job.id] = job
    request.call.sobject = sobject.name
    return _shown(request, job)


def _upload(org: Org, request: ApiRequest) -> ApiResponse:
    job = _job(org, request)
    if not request.headers.get("content-type", "").startswith("text/csv"):
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "the content of a job is text/csv")
    if job.state != "Open" or job.content is not None:
        raise bad_state(f"Found multiple contents for job: <{job.id}>, or it is not open; PUT once on a given job")
    if len(request.body) > MOST_BYTES:
        raise Refusal(400, "CLIENTINPUTERROR", "the content of a job is at most 150 MB")
    job.content = request.body
    return ApiResponse(201)


def _change(org: Org, request: ApiRequest) -> ApiResponse:
    job, wanted = _job(org, request), request.json().get("state")
    if (wanted == "UploadComplete" and job.state == "Open") or (wanted == "Aborted" and job.state not in ENDED):
        if wanted == "Aborted" and job.state != "InProgress":
            with suppress(BadSheet):
                job.read()  # so that all rows are listed as unprocessed
        job.state = wanted
    else:
        raise bad_state(f"a job that is {job.state} cannot become {wanted}")
    return _shown(request, job)


def _look(org: Org, request: ApiRequest) -> ApiResponse:
    job = _job(org, request)
    if job.state in ("UploadComplete", "InProgress"):
        try:
            _work(org, job)
        except BadSheet as error:
            job.state, job.error = "Failed", str(error)
    request.call.records = job.processed
    return _shown(request, job)


def _results(part: str) -> Callable[[Org, ApiRequest], ApiResponse]:
    def handler(org: Org, request: ApiRequest) -> ApiResponse:
        return ApiResponse(200, _job(org, request).sheet(part), "text/csv")

    return handler


def _delete(org: Org, request: ApiRequest) -> ApiResponse:
    job = _job(org, request)
    if job.state not in ENDED:
        raise bad_state(f"a job that is {job.state} cannot be deleted")
    del org.bulk.jobs[job.id]
    return ApiResponse(204)


def _work(org: Org, job: IngestJob) -> None:
    """Process the next rows. Raises BadSheet."""
    sobject = org.object(job.sobject)
    if job.state == "UploadComplete":
        job.read()
        _check_columns(org, sobject, job)
        job.state = "InProgress"
    share = org.bulk.rows_a_look or len(job.rows)
    for row in job.rows[job.processed : job.processed + share]:
        if org.bulk.fail_after is not None and job.processed >= org.bulk.fail_after:
            job.state, job.error = "Failed", "InternalServerError : the job could not be finished"
            return
        _process(org, sobject, job, row)
    if job.processed == len(job.rows):
        job.state = "JobComplete"


def _process(org: Org, sobject: SObject, job: IngestJob, row: list[str]) -> None:
    record = job.values(row)
    start = job.processed - job.processed % CHUNK
    place = job.columns.index(job.key)
    beside = [other[place].casefold() for other in job.rows[start : start + CHUNK]]
    try:
        if beside.count(row[place].casefold()) > 1:
            raise RecordError("DUPLICATE_VALUE", f"Duplicate external id specified: {row[place]}", (job.key,))
        record_id, new = _upsert(org, sobject, job.key, record)
        job.succeeded.append((row, record_id, new))
    except (RecordError, Refusal) as error:
        named = ", ".join(error.fields or ())
        job.failed.append((row, f"{error.code}:{error.message}:{named}{' ' if named else ''}--"))


def _upsert(org: Org, sobject: SObject, key: str, record: dict[str, Any]) -> tuple[str, bool]:
    """Return the id of the record, and whether it is new. Raises Refusal or RecordError."""
    value = record.get(key)
    if not value:
        raise RecordError("MISSING_ARGUMENT", f"{key} not specified", (key,))
    found = org.records.find(sobject.name, key, value)
    if not found:
        return create(org, sobject, record), True
    update(org, sobject, found[0], record)
    return found[0].id, False


def _check_columns(org: Org, sobject: SObject, job: IngestJob) -> None:
    relations = {(one.relationship or "").lower() for one in sobject.fields.values() if org.rights.sees(sobject, one)}
    for name in job.columns:
        relation, dot, _ = name.partition(".")
        known = relation.lower() in relations if dot else org.rights.field(sobject, name) is not None
        if not known:
            raise BadSheet(f"InvalidBatch : Field name not found : {name}")
    if job.key not in job.columns:
        raise BadSheet(f"InvalidBatch : Field name not found : {job.key}")


def _job(org: Org, request: ApiRequest) -> IngestJob:
    job = org.bulk.jobs.get(request.parts["job"])
    if job is None:
        raise not_found()
    request.call.sobject = job.sobject
    return job


def _shown(request: ApiRequest, job: IngestJob) -> ApiResponse:
    return ApiResponse(200, job.info(request.parts["version"]))
