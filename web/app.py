"""The HTTP application: unsubscribe pages, plan pages, the board, webhooks, monitoring, and further routes.

Responses are plain text or a page without a script; only ids and counts are logged. Customers get no cookie; a reader
who opens the board by a link gets one that holds the link's token.
"""

import logging
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasks.runtime.context import RunContext
from web import mail_hooks, monitoring, pages, slack_actions, surveys, unsubscribing
from web.board import serving
from web.plan import serving as plan_serving
from web.writing import Writers

logger = logging.getLogger(__name__)


def build(context: RunContext, more: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the application for one open run context, which its threads share; ``more`` routes are added to ours."""
    app = Starlette(
        routes=[
            *monitoring.routes(context),
            *unsubscribing.routes(context),
            *surveys.routes(context),
            *mail_hooks.routes(context),
            *slack_actions.routes(context),
            *serving.routes(context),
            *plan_serving.routes(context),
            *more,
        ],
        middleware=[Middleware(Guarded)],
        exception_handlers={HTTPException: _told},
    )
    app.state.writers = Writers()
    # A redirect to the same path with or without its slash would contain the Host header of the request.
    app.router.redirect_slashes = False
    return app


class Guarded:
    """Adds the security headers to every response that lacks them, and responds where our own code raised."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in _HEADERS if pair[0] not in given)]
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:
            # The server would log the error with all its values, addresses among them.
            logger.error("a request could not be answered: %s", type(error).__name__)
            if not begun:
                await TRY_AGAIN(scope, receive, guarded)


TRY_AGAIN = PlainTextResponse("this did not work; try again in a few minutes\n", 503, {"Retry-After": "60"})
"""The response after an error of ours or of the database: providers and mail programs send again."""
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in pages.HEADERS.items()]


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)
