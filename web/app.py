"""The HTTP face: unsubscribe pages, the board, webhooks of mail providers, and whatever else is mounted beside them.

Answers are plain text or a page without a script; nothing is logged but ids and counts. Customers get no cookie; who
opens the board by a link gets one that holds the link's token.
"""

import logging
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasks.runtime.context import RunContext
from web import mail_hooks, pages, slack_actions, unsubscribing
from web.board import serving

logger = logging.getLogger(__name__)


def build(context: RunContext, more: Sequence[BaseRoute] = ()) -> Starlette:
    """The application over one open run context, which its threads share; ``more`` routes are mounted beside ours."""
    app = Starlette(
        routes=[
            Route("/health", _health),
            *unsubscribing.routes(context),
            *mail_hooks.routes(context),
            *slack_actions.routes(context),
            *serving.routes(context),
            *more,
        ],
        middleware=[Middleware(Guarded)],
        exception_handlers={HTTPException: _told},
    )
    # A redirect to the same path with or without its slash would name the Host that the request claims.
    app.router.redirect_slashes = False
    return app


class Guarded:
    """Puts the security headers on every answer that has none of its own, and answers where our own code could not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""
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
            # Left to the server it would stand in the log with all its values, addresses among them.
            logger.error("a request could not be answered: %s", type(error).__name__)
            if not begun:
                await TRY_AGAIN(scope, receive, guarded)


TRY_AGAIN = PlainTextResponse("this did not work; try again in a few minutes\n", 503, {"Retry-After": "60"})
"""A fault of ours, or a database that does not answer: providers and mail programs send again."""
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in pages.HEADERS.items()]


def _health(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)
