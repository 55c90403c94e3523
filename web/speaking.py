"""The language of pages: that of the person to whom a link belongs, or of their browser."""

from collections.abc import Iterator

from starlette.requests import Request

from config.company.languages import load_languages
from database.crm.people import located
from onboarding.languages.language import Language
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link
from tasks.views.languages import page_language
from web.pages import Pages

MOST_LANGUAGES = 20
"""How many languages of a browser are looked at."""


def pages_for(context: RunContext, request: Request, link: Link | None = None) -> Pages:
    """Return the pages for the person of a link; for None, or a person who is not known, in a language of their
    browser."""
    return Pages(context.brand, language_for(context, request, link))


def language_for(context: RunContext, request: Request, link: Link | None = None) -> Language:
    """Return the language of those pages."""
    found = None
    if link is not None:
        with context.database.reading() as conn:
            found = located(conn, link.person_id)
    return page_language(context, *found) if found else browser_language(context, request)


def browser_language(context: RunContext, request: Request) -> Language:
    """Return the language in which a browser wants pages, if there are any in it, else the brand's."""
    known = load_languages()
    wanted = (known.tag(tag) for tag in _accepted(request.headers.get("accept-language", "")))
    return context.templates.languages.of_browser(tag for tag in wanted if tag)


def _accepted(header: str) -> Iterator[str]:
    """Yield the languages of an ``Accept-Language`` (RFC 9110), the dearest first; none that is not wanted."""
    rated = []
    for part in header.split(",")[:MOST_LANGUAGES]:
        tag, _, rating = part.strip().partition(";")
        try:
            quality = float(rating.strip().removeprefix("q=")) if rating else 1.0
        except ValueError:
            continue
        if 0 < quality <= 1:
            rated.append((-quality, tag.strip()))
    yield from (tag for _, tag in sorted(rated, key=lambda one: one[0]))
