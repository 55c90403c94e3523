"""The routes under ``/board``: for our own people, by a signed link or a proxy's login."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import get_args
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from database.onboardings.lookup import NotFound
from database.onboardings.overview import status_lines
from database.outbox.payloads import stored_message
from onboarding.board.portfolio import Attention, Filter
from onboarding.health.score import Band
from onboarding.model.vocabulary import Stage
from onboarding.people.permissions import refusal
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.table import Permission
from tasks.reporting.publish import stored_report
from tasks.runtime.clock import present, present_in
from tasks.runtime.context import RunContext
from tasks.runtime.links import LinkRefused
from tasks.views.board import stage_board, whole_board
from tasks.views.forecast import with_forecast
from tasks.views.picture import picture_of, with_history
from tasks.views.readers import VALID_DAYS, reader_of
from web.board.addresses import Served
from web.board.messages import MAIL_POLICY, mail_html, message_view
from web.board.pages import account_page, board_page, message_page, stage_page
from web.board.rendering import style_policy

COOKIE = "first90_board"
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
"""A report was escaped when it was made, and its pictures carry their style with them."""
HOW = (
    "this page is for our own people: open it by the link that `first90 board --by YOUR@ADDRESS` prints, which works "
    f"for {VALID_DAYS} days\n"
)


class Unknown(Exception):
    """The reader is not authenticated."""


class Forbidden(Exception):
    """The reader is known and has no role that lets them look."""


def routes(context: RunContext) -> Sequence[Route]:
    """Return the routes ``/board``, ``/board/KEY`` and ``/board/KEY/message/ID``; 401 without a link or a login."""

    def served(up: str = "") -> Served:
        return Served(up, context.brand.name)

    def board(request: Request) -> Response:
        reader = _reader(context, request)
        asked = _asked(request.query_params)
        with context.database.reading() as conn:
            now = present_in(conn, context.wall_clock())
            if asked.stage is None:
                html = board_page(whole_board(conn, asked), served(), now, reader)
            else:
                page = _number(request.query_params.get("page", ""))
                html = stage_page(stage_board(conn, asked, asked.stage, page), served(), now, reader)
        return _page(context, request, html)

    def account(request: Request) -> Response:
        reader = _reader(context, request)
        with context.database.reading() as conn:
            seen = picture_of(
                conn, request.path_params["key"], context.wall_clock(), pilot=context.settings.only_accounts
            )
            seen = with_forecast(conn, with_history(conn, seen, lines=None))
        return _page(context, request, account_page(seen, served("../"), reader))

    def message(request: Request) -> Response:
        reader = _reader(context, request)
        key, effect = request.path_params["key"], request.path_params["effect"]
        now = present(context)
        with context.database.reading() as conn:
            found = stored_message(conn, key, effect)
            if found is None:
                raise NotFound("there is no such message")
            name = status_lines(conn, keys=[key])[0]["account_name"]
        html = mail_html(found)
        if html is not None and request.query_params.get("as") == "html":
            return HTMLResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})
        own = "?as=html" if html is not None else ""
        return _page(
            context, request, message_page(message_view(found, name, key), served("../../../"), now, own, reader)
        )

    def report(request: Request) -> Response:
        _reader(context, request)
        with context.database.reading() as conn:
            page = stored_report(conn, request.path_params["name"])
        if page is None:
            raise NotFound("there is no such report; the newest one is in the last mail about it")
        return _with_cookie(context, request, HTMLResponse(page, headers={"Content-Security-Policy": REPORT_POLICY}))

    return [
        Route("/board", _guarded(board)),
        Route("/board/report/{name}", _guarded(report)),
        Route("/board/{key}", _guarded(account)),
        Route("/board/{key}/message/{effect:path}", _guarded(message)),
    ]


def _guarded(show: Callable[[Request], Response]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        try:
            return show(request)
        except Unknown as refused:
            return PlainTextResponse(str(refused), 401)
        except Forbidden as refused:
            return PlainTextResponse(f"{refused}\n", 403)
        except NotFound as missing:
            return PlainTextResponse(f"{missing}\n", 404)

    return answer


def _reader(context: RunContext, request: Request) -> str:
    """Return the reader: the proxy's login, else the link's or its cookie's. Raises Unknown, Forbidden."""
    reader = _known(context, request)
    if (because := refusal(context.team, reader, Permission.LOOK)) is not None:
        raise Forbidden(because)
    return reader.name


def _known(context: RunContext, request: Request) -> Identity:
    if named := _login(context, request):
        header, groups = context.settings.board_login_header or "", _groups(context, request)
        return Identity(name=named, known_by=KnownBy.PROXY, detail=header, groups=groups)
    token = _token(request)
    if not token:
        raise Unknown(HOW)
    try:
        return Identity(name=reader_of(context, token, present(context)), known_by=KnownBy.BOARD_LINK)
    except LinkRefused as refused:
        raise Unknown(f"{refused}; {HOW}") from None


def _login(context: RunContext, request: Request) -> str:
    header = context.settings.board_login_header
    return request.headers.get(header, "").strip() if header else ""


def _groups(context: RunContext, request: Request) -> frozenset[str]:
    """Return the groups that the proxy names beside the login, separated by commas; without the setting none."""
    header = context.settings.board_groups_header
    named = ",".join(request.headers.getlist(header)) if header else ""
    return frozenset(group for one in named.split(",") if (group := one.strip()))


def _token(request: Request) -> str:
    return request.query_params.get("link") or request.cookies.get(COOKIE, "")


def _page(context: RunContext, request: Request, html: str) -> Response:
    """Return the page under the policy of the board's own style sheet."""
    return _with_cookie(context, request, HTMLResponse(html, headers={"Content-Security-Policy": style_policy()}))


def _with_cookie(context: RunContext, request: Request, made: Response) -> Response:
    """Return the page; where it was opened by a link, the browser keeps the link's token for the pages under it."""
    token = request.query_params.get("link")
    if token and not _login(context, request):  # beside a login the token was not read, and may be anything
        public = urlsplit(context.settings.public_url or "")
        made.set_cookie(
            COOKIE,
            token,
            max_age=VALID_DAYS * 86_400,
            path=f"{public.path.rstrip('/')}/board",
            secure=public.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return made


def _asked(given: Mapping[str, str]) -> Filter:
    """Return the filter of a query. A value that is none, as of an old bookmark, narrows nothing, and the page says so;
    an owner or a tier that no customer has is one, and nothing matches it."""
    wanted = {name: text.strip() for name, text in given.items()}
    misread = []

    def one_of(name: str, values: Iterable[str]) -> str:
        """Return the value of one of these, in any case; empty if it is none of them."""
        known, text = list(values), wanted.get(name, "")
        if text and text.casefold() not in known:
            misread.append(f"“{text[:40]}” is no {name} here, so it does not narrow: {name} is {_either(known)}.")
            return ""
        return text.casefold()

    attention, stage, health = one_of("attention", Attention), one_of("stage", Stage), one_of("health", get_args(Band))
    return Filter(
        owner=wanted.get("owner", ""),
        tier=wanted.get("tier", "").casefold(),
        health=health,
        attention=Attention(attention) if attention else None,
        stage=Stage(stage) if stage else None,
        text=wanted.get("text", ""),
        misread=tuple(misread),
    )


def _either(values: Sequence[str]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 1
