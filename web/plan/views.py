"""The plan page and its forms as responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.responses import HTMLResponse

from onboarding.brand.company import Brand
from onboarding.forms.form import FieldKind
from onboarding.model.phrases import day_words, stage_words
from onboarding.plan_page.form import LONGEST_ADDRESS, LONGEST_LINE, LONGEST_NAME, AnswerKind, PlanForm
from onboarding.plan_page.page import PlanPage
from onboarding.plan_page.reader_forms import FACES
from tasks.plan_page.answers import Answered
from tasks.plan_page.opening import Closed
from web.pages import content_policy, palette_style
from web.rendering import PageTemplates

_PAGES = PageTemplates(Path(__file__).parent / "templates", "plan.css", {"day": day_words, "stage": stage_words})
WORDS = {
    AnswerKind.DONE: "It is done",
    AnswerKind.DATE: "Propose another date",
    AnswerKind.BLOCKED: "Something blocks it",
    AnswerKind.PERSON: "Somebody else does it",
    AnswerKind.GOAL: "These figures are right",
    AnswerKind.CORRECT: "Correct these figures",
}
"""What leads to another answer about the same work or goal."""
LONGEST = {"name": LONGEST_NAME, "email": LONGEST_ADDRESS}


@dataclass(frozen=True, slots=True)
class Place:
    """The path to the plan, relative to the page that is shown, and the moment (UTC) of the page."""

    here: str
    now: datetime


def plan(brand: Brand, page: PlanPage, place: Place) -> HTMLResponse:
    """Return the plan page."""
    return _response(brand, "plan.html", {"page": page, "here": place.here, "now": place.now, "faces": FACES})


def form(brand: Brand, place: Place, asked: PlanForm, token: str, answered: Answered | None = None) -> HTMLResponse:
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
        "here": place.here,
        "now": place.now,
        "form": asked,
        "fields": shown,
        "token": token,
        "kinds": FieldKind,
        "longest": LONGEST,
        "words": WORDS,
        "longest_line": LONGEST_LINE,
    }
    return _response(brand, "form.html", values, 400 if answered else 200)


def told(brand: Brand, place: Place, title: str, said: str, status: int = 200) -> HTMLResponse:
    """Return a page that says what came of an answer, with the way back to the plan."""
    values = {"here": place.here, "now": place.now, "title": title, "said": said}
    return _response(brand, "told.html", values, status)


def closed(brand: Brand, why: Closed, again: str, *, asks: bool) -> HTMLResponse:
    """Return the page for a link that opens nothing. Unless the plan is over, it offers to send the link anew; ``asks``
    for the address."""
    values = {"why": why.value, "again": again, "asks": asks, "now": None}
    return _response(brand, "closed.html", values, 404)


def on_its_way(brand: Brand) -> HTMLResponse:
    """Return the page after a link was asked for, which is the same whether or not it is sent."""
    return _response(brand, "on_its_way.html", {"now": None})


def _response(brand: Brand, template: str, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    style = f"{_PAGES.sheet}{palette_style(brand)}"
    html = _PAGES.render(template, {**values, "brand": brand, "style": style})
    return HTMLResponse(html, status, headers={"Content-Security-Policy": content_policy(style, brand)})
