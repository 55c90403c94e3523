"""The handling of every call: logged, disturbed by faults, authorised, counted, and responded to as JSON."""

import asyncio
import json
import re
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.org.call_log import LoggedCall
from sandbox.org.faults import Cut, Outage
from sandbox.org.org import Org
from sandbox.schema.refusals import RecordError, Refusal, not_found

TRANSPORT = "first90.transport"
"""The key of the connection in the scope of a call."""
LONGEST_URL = 16_384
"""Bytes of a URL (414), and of URL and headers together (431)."""
OLDEST, NEWEST = 31, 66
"""The API versions that are served; older ones are retired (410)."""
DATA = "/services/data/v{version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """A request as a handler gets it."""

    call: LoggedCall
    parts: Mapping[str, str]
    """The variable parts of the path."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    raw_path: str = ""
    """The path as it was sent, still encoded."""

    @property
    def base(self) -> str:
        """Return the versioned base of the path."""
        return DATA.format(version=self.parts.get("version", f"{NEWEST}.0"))

    def json(self) -> Any:
        """Return the parsed body. Raises JSON_PARSER_ERROR, or 415 for another content type than JSON."""
        if "json" not in self.headers.get("content-type", ""):
            kind = self.headers.get("content-type", "none")
            raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"Content type '{kind}' not supported.")
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refusal(400, "JSON_PARSER_ERROR", f"Unexpected character or end of input: {error}") from None


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response: a body to be written as JSON, or text of another content type."""

    status: int
    body: Any = None
    kind: str = "application/json;charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Org, ApiRequest], ApiResponse]


def api_route(
    org: Org, path: str, kind: str, *, reading: str | None = None, is_open: bool = False, **handlers: Handler
) -> Route:
    """Return a route with ``handlers`` by method (``GET=...``). ``reading``: the kind of a GET in the log, if it is not
    ``kind``. ``is_open``: no session is needed, and calls do not count."""

    async def endpoint(request: Request) -> Response:
        called = (reading or kind) if request.method == "GET" else kind
        return await _handle(org, request, called, handlers, is_open)

    return Route(path, endpoint, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])


async def _handle(org: Org, request: Request, kind: str, handlers: Mapping[str, Handler], is_open: bool) -> Response:
    api_request = ApiRequest(
        call=_call(org, request, kind),
        parts={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        raw_path=request.scope.get("raw_path", b"").decode("latin-1"),
    )
    with org.lock:
        org.calls.calls.append(api_request.call)
    try:
        _check_size(request)
        await org.faults.meet(api_request.call, "before")
        with org.lock:
            if not is_open:
                _authorise(org, api_request)
            handler = handlers.get(request.method)
            if handler is None:
                raise _wrong_method(request.method, handlers)
            reply = handler(org, api_request)
        await org.faults.meet(api_request.call, "after")
    except Refusal as refusal:
        reply = ApiResponse(refusal.status, refusal.body())
    except RecordError as error:
        alone = error.refusal()
        reply = ApiResponse(alone.status, alone.body())
    except Outage as outage:
        reply = _page(outage.status)
    except Cut:
        await _cut(request)
        return Response(status_code=500)  # never sent: the connection is reset
    api_request.call.status = reply.status
    return _answer(org, reply, counted=not is_open)


def _call(org: Org, request: Request, kind: str) -> LoggedCall:
    soql = request.query_params.get("q")
    asked = re.search(r"\bFROM\s+(\w+)", soql or "", re.IGNORECASE)
    sobject = asked[1] if asked else request.path_params.get("sobject")
    return LoggedCall(len(org.calls.calls) + 1, request.method, kind, request.url.path, sobject, soql=soql)


def _answer(org: Org, reply: ApiResponse, *, counted: bool) -> Response:
    headers = dict(reply.headers)
    if counted:
        headers["Sforce-Limit-Info"] = f"api-usage={org.used}/{org.allowance}"
    if reply.body is None:
        return Response(status_code=reply.status, headers=headers)
    is_text = isinstance(reply.body, str | bytes)
    body = reply.body if is_text else json.dumps(reply.body, ensure_ascii=False, allow_nan=False)
    return Response(body, reply.status, headers, reply.kind)


def _authorise(org: Org, api_request: ApiRequest) -> None:
    version = re.fullmatch(r"(\d{2})\.0", api_request.parts.get("version", f"{NEWEST}.0"))
    if version is None or int(version[1]) > NEWEST:
        raise not_found()
    if int(version[1]) < OLDEST:
        raise Refusal(410, "UNSUPPORTED_API_VERSION", "The requested API version is retired.")
    scheme, _, token = api_request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "oauth") or not token:
        raise Refusal(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    if not org.sessions.holds(token.strip()):
        raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
    if org.used >= org.allowance:
        raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.used += 1


def _check_size(request: Request) -> None:
    raw = request.scope.get("raw_path", b"") + b"?" + request.scope.get("query_string", b"")
    if len(raw) > LONGEST_URL:
        raise Outage(414)
    if len(raw) + sum(len(name) + len(value) + 4 for name, value in request.headers.raw) > LONGEST_URL:
        raise Outage(431)


def _wrong_method(method: str, handlers: Mapping[str, Handler]) -> Refusal:
    allowed = ", ".join(sorted(handlers))
    return Refusal(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}")


def _page(status: int) -> ApiResponse:
    title = {414: "URI Too Long", 431: "Request Header Fields Too Large", 502: "Bad Gateway"}.get(status, "Error")
    text = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1></body></html>\n"
    return ApiResponse(status, text, "text/html;charset=UTF-8")


async def _cut(request: Request) -> None:
    """Reset the connection, as a firewall or a dying server does."""
    transport = request.scope.get(TRANSPORT)
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    with suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0)
