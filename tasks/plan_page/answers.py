"""Keeps what a reader of the plan page answers: each form once, as a fact with a line in the journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from database.acting import acting
from database.outbox import calls
from onboarding.forms.form import Answers
from onboarding.permissions.identity import KnownBy
from onboarding.plan_page.checks import cleaned, problems
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.facts import fact_key, facts_of
from onboarding.plan_page.form import ABOUT_CALLS, AnswerKind, NothingToAnswer, PlanForm
from onboarding.plan_page.forms import form_for
from tasks.booking.choosing import with_times
from tasks.plan_page.opening import OpenPage, open_page
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter
from tasks.runtime.links import LinkRefused, read_form, sign_form

FORM_VALID = timedelta(hours=24)
"""How long a form may be sent after it was shown. Our choice."""


class Outcome(StrEnum):
    """What came of a form that was sent."""

    KEPT = "kept"
    REPEATED = "repeated"
    """The same form was sent before, and that answer counts."""
    WRONG = "wrong"
    STALE = "stale"
    """What it shows was changed since, or it is too old."""
    FORGED = "forged"
    """It is no form of this page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a form; where an answer is wrong, with the form to show again."""

    outcome: Outcome
    page: PageContext
    form: PlanForm | None = None
    answers: Answers = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


def form_token(context: RunContext, opened: OpenPage, form: PlanForm) -> str:
    """Return the token that a form has to bring back: whose it is, what it asks, what it shows, and since when."""
    return sign_form(context.settings, [*_whose(opened, form.kind, form.about), form.mark, opened.page.now.isoformat()])


def keep_answer(context: RunContext, token: str, asked: tuple[AnswerKind, str], given: Mapping[str, str]) -> Answered:
    """Keep what a form says. Safe to repeat: one form gives one answer, the first. Raises PageClosed.

    ``asked`` is what it is about, ``given`` its fields with the form's token under ``form``.
    """
    kind, about = asked
    with context.database.writing() as conn:
        if kind is AnswerKind.CALL:
            calls.lock(conn)  # before the onboarding, as deliveries do: nobody else takes a time meanwhile
        opened = open_page(context, conn, token, locked=True)
        page = with_times(conn, opened.page) if kind in ABOUT_CALLS else opened.page
        form_id = sha256(given.get("form", "").encode()).hexdigest()[:24]
        signed = _read(context, given.get("form", ""), opened, kind, about)
        if signed is None:
            return Answered(outcome=Outcome.FORGED, page=page)
        if any(fact.key == fact_key(form_id) for fact in page.case.facts):
            return Answered(outcome=Outcome.REPEATED, page=page)
        try:
            form = form_for(kind, about, page)
        except NothingToAnswer as nothing:
            return Answered(outcome=Outcome.STALE, page=page, why=str(nothing))
        mark, shown_at = signed
        if mark != form.mark or page.now > shown_at + FORM_VALID:
            return Answered(outcome=Outcome.STALE, page=page)
        answers = cleaned(form, given)
        if wrong := problems(form, answers, page):
            return Answered(outcome=Outcome.WRONG, page=page, form=form, answers=answers, problems=wrong)
        told = facts_of(form, answers, page, form_id)
        with acting({fact.by: KnownBy.PLAN_LINK.value for fact in told}):
            enter(conn, {page.case.key: told}, page.now)
        return Answered(outcome=Outcome.KEPT, page=page, form=form)


def _whose(opened: OpenPage, kind: AnswerKind, about: str) -> list[str]:
    return [opened.link.person_id, opened.link.onboarding_key, kind.value, about]


def _read(
    context: RunContext, token: str, opened: OpenPage, kind: AnswerKind, about: str
) -> tuple[str, datetime] | None:
    """Return the mark of what the form showed, and when; None where it is no form of this page."""
    try:
        *whose, mark, shown_at = read_form(context.settings, token)
        if whose != _whose(opened, kind, about):
            return None
        return mark, datetime.fromisoformat(shown_at)
    except (LinkRefused, ValueError):
        return None
