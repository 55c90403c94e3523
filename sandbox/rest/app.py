"""The sandbox as one ASGI application."""

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.org.org import Org
from sandbox.rest import bulk, collection_routes, composite, control, logins, reading_routes, record_routes
from sandbox.schema.refusals import not_found


def build(org: Org) -> ASGIApp:
    """Return the application with all routes of the org."""
    routes = [
        *logins.routes(org),
        *reading_routes.routes(org),
        *collection_routes.routes(org),
        *composite.routes(org),
        *bulk.routes(org),
        *record_routes.routes(org),
        *control.routes(org),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _nothing_here})
    app.router.redirect_slashes = False
    return _Plain(app)


class _Plain:
    """Ignores a slash at the end of a path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["raw_path"].endswith(b"/"):  # an encoded slash belongs to a key
            scope = {**scope, "path": scope["path"].rstrip("/")}
        await self.app(scope, receive, send)


async def _nothing_here(_: Request, __: Any) -> Response:
    return JSONResponse(not_found().body(), 404)
