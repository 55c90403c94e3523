"""The plan page and its forms as responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import HTMLResponse

from onboarding.brand.company import Brand
from onboarding.clashes.request import LONGEST_SIDE
from onboarding.forms.form import FieldKind
from onboarding.languages.answer_phrases import AnswerPhrases
from onboarding.languages.language import ENGLISH, Language
from onboarding.languages.phrases import Words
from onboarding.messages.resources import ResourcePart
from onboarding.own_tasks.request import LONGEST_TITLE
from onboarding.plan_page.form import LONGEST_ADDRESS, LONGEST_LINE, LONGEST_NAME, AnswerKind, PlanForm
from onboarding.plan_page.page import PlanPage
from tasks.plan_page.answers import Answered
from tasks.plan_page.opening import Closed
from web.pages import palette_style
from web.rendering import PageTemplates, content_policy

_PAGES = PageTemplates(Path(__file__).parent / "templates", "plan.css", {})
LONGEST = {
    "name": LONGEST_NAME,
    "email": LONGEST_ADDRESS,
    "this": LONGEST_SIDE,
    "with": LONGEST_SIDE,
    "title": LONGEST_TITLE,
}


@dataclass(frozen=True, slots=True)
class Place:
    """In whose name and in which language a page is, and the path to the plan relative to it; empty if none."""

    brand: Brand
    language: Language = ENGLISH
    here: str = ""

    @property
    def said(self) -> AnswerPhrases:
        """Return what forms say, and what is told after them."""
        return self.language.words.answers


def plan(place: Place, page: PlanPage) -> HTMLResponse:
    """Return the plan page."""
    return _response(place, "plan.html", {"page": page})


def form(place: Place, asked: PlanForm, token: str, answered: Answered | None = None) -> HTMLResponse:
    """Return the page of one form; with ``answered`` once more, with what was wrong at its field."""
    given = answered.answers if answered else {}
    shown = [
        (
            one,
            given.get(one.name, "" if answered else one.initial),
            (answered.problems if answered else {}).get(one.name),
        )
        for one in asked.fields
    ]
    values = {
        "form": asked,
        "fields": shown,
        "token": token,
        "kinds": FieldKind,
        "longest": LONGEST,
        "deeds": _deeds(place.language.words),
        "longest_line": LONGEST_LINE,
    }
    return _response(place, "form.html", values, 400 if answered else 200)


def told(place: Place, title: str, said: str, status: int = 200) -> HTMLResponse:
    """Return a page that says what came of an answer, with the way back to the plan if there is one."""
    return _response(place, "told.html", {"title": title, "said": said}, status)


def closed(place: Place, why: Closed, again: str, *, asks: bool) -> HTMLResponse:
    """Return the page for a link that opens nothing. Unless the plan is over, it offers to send the link anew; ``asks``
    for the address."""
    return _response(place, "closed.html", {"why": why.value, "again": again, "asks": asks}, 404)


def leads_on(place: Place, resource: ResourcePart) -> HTMLResponse:
    """Return the page that leads to a resource at once, or by its link where the browser does not follow. It is no
    redirect: the answer to a form may lead to no other site by the pages' policy."""
    made = _response(place, "leads_on.html", {"title": resource.title, "url": resource.url})
    made.headers["Refresh"] = f"0; url={resource.url}"
    return made


def on_its_way(place: Place) -> HTMLResponse:
    """Return the page after a link was asked for, which is the same whether or not it is sent."""
    return _response(place, "on_its_way.html", {})


def _deeds(words: Words) -> Mapping[AnswerKind, str]:
    """Return what leads to another answer about the same work, goal or call."""
    said, calls = words.answers, words.calls
    return {
        AnswerKind.DONE: said.it_is_done,
        AnswerKind.DATE: said.propose_date,
        AnswerKind.BLOCKED: said.something_blocks,
        AnswerKind.PERSON: said.somebody_else,
        AnswerKind.GOAL: said.figures_right,
        AnswerKind.CORRECT: said.correct_figures,
        AnswerKind.VALUE: said.value_link,
        AnswerKind.CALL: calls.free_times,
        AnswerKind.OFF: calls.off_submit,
        AnswerKind.TIME: calls.propose,
        AnswerKind.HELD: calls.took_place,
    }


def _response(place: Place, template: str, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    style, words = f"{_PAGES.sheet}{palette_style(place.brand)}", place.language.words
    shared = {"brand": place.brand, "language": place.language, "here": place.here, "style": style}
    said = {
        "words": words.plan,
        "answers": words.answers,
        "calls": words.calls,
        "clashes": words.clashes,
        "profile": words.profile,
    }
    html = _PAGES.render(template, {**values, **shared, **said})
    return HTMLResponse(
        html, status, headers={"Content-Security-Policy": content_policy(style, place.brand.logo_origin)}
    )
