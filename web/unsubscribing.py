"""The unsubscribe page, and the one-click POST of RFC 8058 that mail programs send to the same address."""

from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tasks.commands import suppressions
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, LinkRefused, read_link
from web.body import read_body
from web.speaking import pages_for
from web.writing import write_in_thread

MOST = 10_000
"""The most bytes of a form; a mail program sends some twenty."""


def routes(context: RunContext) -> Sequence[Route]:
    """Return the routes ``/u/TOKEN`` (GET shows the page, POST unsubscribes) and ``/u/TOKEN/again`` (takes it back).

    A slash that a mail program adds at the end is accepted and not redirected, because a redirect would lead to the
    Host that the request names.
    """

    def link_of(request: Request) -> tuple[Link, datetime]:
        now = present(context)
        return read_link(context.settings, request.path_params["token"], now), now

    def show(request: Request) -> Response:
        try:
            link, _ = link_of(request)
        except LinkRefused as error:
            return pages_for(context, request, error.link).bad_link(error)
        return pages_for(context, request, link).asking(_path(request))

    def change(request: Request, *, again: bool) -> Response:
        try:
            link, now = link_of(request)
        except LinkRefused as error:
            return pages_for(context, request, error.link).bad_link(error)
        if again:
            suppressions.resubscribe(context, link, now)
            return pages_for(context, request, link).subscribed(_path(request))
        suppressions.unsubscribe(context, link, now)
        return pages_for(context, request, link).unsubscribed(_path(request))

    async def stop(request: Request) -> Response:
        await read_body(request, MOST)
        return await write_in_thread(request, change, request, again=False)

    async def resume(request: Request) -> Response:
        await read_body(request, MOST)
        return await write_in_thread(request, change, request, again=True)

    return [
        *(Route(path, show, methods=["GET"]) for path in ("/u/{token}", "/u/{token}/")),
        *(Route(path, stop, methods=["POST"]) for path in ("/u/{token}", "/u/{token}/")),
        Route("/u/{token}/again", resume, methods=["POST"]),
    ]


def _path(request: Request) -> str:
    """Return the path relative to the page: behind a proxy only the browser knows the page's address."""
    token = str(request.path_params["token"])
    return f"../{token}" if request.url.path.endswith(("/again", "/")) else token
