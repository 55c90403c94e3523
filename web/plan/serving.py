"""The routes under ``/p/TOKEN``: the plan page, its calendar file, and a form for each answer.

A GET changes nothing, because scanners of mail follow every link. A POST brings back the token of its form, which no
other page can know, and is refused where the browser says that it comes from another site.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from onboarding.plan_page.calls.shown import next_call
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import ABOUT_CALLS, CHANGES_A_CALL, AnswerKind, NothingToAnswer
from onboarding.plan_page.forms import form_for
from onboarding.plan_page.page import plan_page
from tasks.booking.choosing import with_times
from tasks.plan_page.answers import Answered, Outcome, form_token, keep_answer
from tasks.plan_page.calendar import call_file
from tasks.plan_page.inviting import invite
from tasks.plan_page.opening import Closed, PageClosed, open_page
from tasks.plan_page.resend import send_anew
from tasks.plan_page.resource_opens import open_resource
from tasks.runtime.context import RunContext
from web import pages
from web.body import read_body
from web.plan import views
from web.plan.limits import RateLimit
from web.speaking import browser_language, language_for
from web.writing import mail_in_thread, write_in_thread

MOST = 20_000
"""The most bytes of a form; its longest line has 500 characters."""
MOST_FIELDS = 30
AGAIN = "again"
"""The last part of the address to which a new link is asked for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one link may answer, one address may ask for a link, and everybody together may."""

    answers: RateLimit
    asked_anew: RateLimit
    asked_in_all: RateLimit


def routes(context: RunContext) -> Sequence[Route]:
    """Return the routes; a slash at the end is accepted, as ``/u/TOKEN`` does."""
    limits = Limits(RateLimit(30, 600), RateLimit(3, 600), RateLimit(120, 600))

    def show(request: Request) -> Response:
        with context.database.reading() as conn:
            opened = open_page(context, conn, _token(request), forecast=True)
            page = with_times(conn, opened.page)
        return views.plan(_place(context, request, page), plan_page(page))

    def calendar(request: Request) -> Response:
        with context.database.reading() as conn:
            opened = open_page(context, conn, _token(request))
        call = next_call(opened.page)
        if call is None:
            place = _place(context, request, opened.page)
            return views.told(place, place.said.not_found_title, opened.page.words.no_call, 404)
        owner = opened.page.state.owner
        link = context.team.meeting_place(owner.email) if owner else ""
        return Response(
            call_file(opened.page, call, context.brand, link),
            media_type="text/calendar",
            headers={"Content-Disposition": 'attachment; filename="call.ics"'},
        )

    def ask(request: Request) -> Response:
        kind, about = _asked(request)
        with context.database.reading() as conn:
            opened = open_page(context, conn, _token(request))
            page = with_times(conn, opened.page) if kind in ABOUT_CALLS else opened.page
        place = _place(context, request, opened.page)
        try:
            form = form_for(kind, about, page)
        except NothingToAnswer as nothing:
            return views.told(place, place.said.nothing, str(nothing))
        return views.form(place, form, form_token(context, opened, form))

    def keep(request: Request, given: Mapping[str, str]) -> Response:
        kind, about = _asked(request)
        if not limits.answers.admits(_token(request)):
            return _too_many(context, request)
        answered = keep_answer(context, _token(request), (kind, about), given)
        said = _said(_place(context, request, answered.page), answered, given.get("form", ""))
        if answered.outcome is Outcome.KEPT and kind in CHANGES_A_CALL:
            case = answered.page.case
            said.background = BackgroundTask(mail_in_thread, request, invite, context, case.key, case.account.id)
        return said

    def lead_on(request: Request, given: Mapping[str, str]) -> Response:
        if not limits.answers.admits(_token(request)):
            return _too_many(context, request)
        page, found = open_resource(context, _token(request), str(request.path_params["about"]))
        place = _place(context, request, page)
        if found is None:
            return views.told(place, place.said.not_found_title, place.said.not_found, 404)
        return views.leads_on(place, found)

    def again(request: Request, given: Mapping[str, str]) -> Response:
        asked = given.get("email", "")[:300].strip().lower()
        whom = asked or _token(request)
        if not limits.asked_in_all.admits("") or not limits.asked_anew.admits(whom):
            return _too_many(context, request)
        answer = views.on_its_way(_unknown(context, request))
        # After the response, whose time would tell whether there is such a person.
        answer.background = BackgroundTask(write_in_thread, request, send_anew, context, _token(request), asked)
        return answer

    found: list[Route] = []
    for end in ("", "/"):
        found += [
            Route("/p/{token}" + end, _guarded(context, show), methods=["GET"]),
            Route("/p/{token}/call.ics" + end, _guarded(context, calendar), methods=["GET"]),
            Route("/p/{token}/" + AGAIN + end, _posted(context, again), methods=["POST"]),
            Route("/p/{token}/open/{about}" + end, _posted(context, lead_on), methods=["POST"]),
            Route("/p/{token}/{kind}" + end, _guarded(context, ask), methods=["GET"]),
            Route("/p/{token}/{kind}" + end, _posted(context, keep), methods=["POST"]),
            Route("/p/{token}/{kind}/{about}" + end, _guarded(context, ask), methods=["GET"]),
            Route("/p/{token}/{kind}/{about}" + end, _posted(context, keep), methods=["POST"]),
        ]
    return found


class NoSuchForm(Exception):
    """The address names no form."""


def _guarded(context: RunContext, answer: Callable[..., Response]) -> Callable[..., Response]:
    """Return the same, which tells of a link that opens nothing, and offers to send it anew."""

    def guarded(request: Request, *more: Any) -> Response:
        try:
            return answer(request, *more)
        except PageClosed as closed:
            place = views.Place(context.brand, language_for(context, request, closed.link))
            return views.closed(place, closed.why, f"{_here(request)}/{AGAIN}", asks=closed.why is Closed.UNKNOWN)
        except NoSuchForm:
            place = _unknown(context, request)
            return views.told(place, place.said.not_found_title, place.said.not_found, 404)

    return guarded


def _posted(context: RunContext, answer: Callable[[Request, Mapping[str, str]], Response]) -> Callable[..., Any]:
    async def take(request: Request) -> Response:
        if _is_from_elsewhere(request, context.settings.public_url):
            return pages.refused("this was not sent from the page itself", 403)
        body = await read_body(request, MOST)
        try:
            given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return pages.refused("this form has too many fields", 400)
        first = {name: values[0] for name, values in given.items()}
        return await write_in_thread(request, _guarded(context, answer), request, first)

    return take


def _is_from_elsewhere(request: Request, public_url: str | None) -> bool:
    """Return whether the browser says that another site sent this. Our own pages send ``Origin: null``, because they
    have no referrer."""
    if request.headers.get("sec-fetch-site", "same-origin") in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("origin", "null")
    own = {request.headers.get("host", ""), urlsplit(public_url or "").netloc}
    return origin != "null" and urlsplit(origin).netloc not in own


def _place(context: RunContext, request: Request, page: PageContext) -> views.Place:
    return views.Place(context.brand, page.language, _here(request))


def _unknown(context: RunContext, request: Request) -> views.Place:
    """Return the place of a page that must not tell whether its reader is known."""
    return views.Place(context.brand, browser_language(context, request), _here(request))


def _said(place: views.Place, answered: Answered, token: str) -> Response:
    said, form = place.said, answered.form
    match answered.outcome:
        case Outcome.KEPT if form is not None:
            return views.told(place, said.thank_you, form.thanks)
        case Outcome.WRONG if form is not None:
            return views.form(place, form, token, answered)
        case Outcome.REPEATED:
            return views.told(place, said.thank_you, said.repeated)
        case Outcome.FORGED:
            return views.told(place, said.failed, said.open_again, 403)
    return views.told(place, said.unchanged, answered.why or said.stale, 409)


def _too_many(context: RunContext, request: Request) -> Response:
    place = _unknown(context, request)
    made = views.told(place, place.said.too_often_title, place.said.too_often, 429)
    made.headers["Retry-After"] = "600"
    return made


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _asked(request: Request) -> tuple[AnswerKind, str]:
    """Return which form is meant. Raises NoSuchForm."""
    try:
        return AnswerKind(request.path_params["kind"]), str(request.path_params.get("about", ""))
    except ValueError:
        raise NoSuchForm from None


def _here(request: Request) -> str:
    """Return the path to the plan relative to the page: behind a proxy only the browser knows the page's address."""
    token = _token(request)
    rest = request.url.path.partition(f"/p/{token}")[2]
    return "../" * rest.count("/") + quote(token, safe="")
