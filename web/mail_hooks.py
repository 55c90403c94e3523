"""Webhooks: bounces, complaints and unsubscriptions from mail providers, answers from survey tools."""

import logging
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tasks.commands.mail_webhooks import Forged, Unreadable, take_post
from tasks.commands.surveys import take_answers
from tasks.runtime.context import RunContext
from web.body import read_body
from web.pages import refused
from web.writing import take_in_thread

logger = logging.getLogger(__name__)
SURVEYS = "surveys"
MOST = 2_000_000
"""The most bytes of a request: SendGrid sends its events in batches below one megabyte."""


def routes(context: RunContext) -> Sequence[Route]:
    """Return the routes ``/hooks/postmark``, ``/hooks/sendgrid``, ``/hooks/resend`` and ``/hooks/surveys``. A repeat
    is safe."""

    async def take(request: Request) -> Response:
        body = await read_body(request, MOST)
        headers = {name.lower(): value for name, value in request.headers.items()}
        return await take_in_thread(request, _taken, context, request.path_params["provider"], headers, body)

    return [Route("/hooks/{provider}", take, methods=["POST"])]


def _taken(context: RunContext, provider: str, headers: dict[str, str], body: bytes) -> Response:
    try:
        surveys = provider == SURVEYS
        fresh = take_answers(context, headers, body) if surveys else take_post(context, provider, headers, body)
    except Forged as error:
        logger.warning("a webhook post was refused: %s", error)
        return refused("not sent by the provider, or not just now", 401)
    except Unreadable as error:
        logger.warning("a webhook post cannot be read: %s", error)
        return refused(str(error), 400)
    return refused("there is no such webhook here", 404) if fresh is None else PlainTextResponse(f"{fresh} new\n")
