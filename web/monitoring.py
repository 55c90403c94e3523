"""``/health``, ``/ready`` and ``/metrics``: what machines ask that watch this one."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tasks.monitoring.figures import figures_of
from tasks.monitoring.readiness import Check, readiness
from tasks.runtime.context import RunContext
from web.bearer import has_token


def routes(context: RunContext) -> list[Route]:
    """Return the routes. ``/metrics`` is there only where a token is set: requests of a proxy on this machine look like
    those of the machine itself, so an address proves nothing."""

    def ready(request: Request) -> Response:
        asked = request.query_params.getlist("exclude")
        found = readiness(context, [check for check in Check if check in asked])
        checks = {check: {"ok": not why} | ({"why": why} if why else {}) for check, why in found.items()}
        well = not any(found.values())
        return JSONResponse({"ready": well, "checks": checks}, 200 if well else 503)

    def metrics(request: Request) -> Response:
        token = context.settings.metrics_token
        if token is None:
            return PlainTextResponse("FIRST90_METRICS_TOKEN is not set\n", 404)
        if not has_token(request.headers.raw, token.get_secret_value()):
            return PlainTextResponse("no valid token\n", 401, {"WWW-Authenticate": "Bearer"})
        from tasks.monitoring.exposition import CONTENT_TYPE, as_metrics

        return Response(as_metrics(figures_of(context.database, context.wall_clock())), media_type=CONTENT_TYPE)

    return [Route("/health", _health), Route("/ready", ready), Route("/metrics", metrics)]


async def _health(request: Request) -> PlainTextResponse:
    """Say that the process lives. It waits for no thread and no database, so a busy server says so too."""
    return PlainTextResponse("ok\n")
