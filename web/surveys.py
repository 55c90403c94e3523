"""The page of a survey, ``/s/TOKEN``: one question and one optional line, for one person."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from onboarding.model.vocabulary import SurveyKind
from tasks.commands.surveys import answer_survey
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, LinkRefused, read_survey_link
from web.body import read_body
from web.speaking import pages_for
from web.writing import write_in_thread

MOST = 10_000
"""The most bytes of a form; a comment has at most 500 characters."""


def routes(context: RunContext) -> Sequence[Route]:
    """Return the route ``/s/TOKEN``: GET shows the question, POST keeps the answer. A link is answered once."""

    def link_of(request: Request) -> tuple[SurveyKind, Link, datetime]:
        now = present(context)
        kind, link = read_survey_link(context.settings, request.path_params["token"], now)
        return kind, link, now

    def show(request: Request) -> Response:
        try:
            kind, link, _ = link_of(request)
        except LinkRefused as error:
            return pages_for(context, request, error.link).bad_link(error)
        return pages_for(context, request, link).survey(kind, request.path_params["token"])

    def keep(request: Request, form: dict[str, list[str]]) -> Response:
        score, comment = form.get("score", [""])[0], form.get("comment", [""])[0]
        try:
            kind, link, now = link_of(request)
            fresh = answer_survey(context, kind, link, (int(score), comment), now)
        except LinkRefused as error:
            return pages_for(context, request, error.link).bad_link(error)
        except ValueError:
            return pages_for(context, request, link).survey(kind, request.path_params["token"], comment)
        return pages_for(context, request, link).thanks(fresh)

    async def take(request: Request) -> Response:
        body = await read_body(request, MOST)
        return await write_in_thread(request, keep, request, parse_qs(body.decode("utf-8", "replace")))

    return [Route("/s/{token}", show, methods=["GET"]), Route("/s/{token}", take, methods=["POST"])]
