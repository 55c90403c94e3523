"""The plan page and its forms in the reader's language: every text comes from the words of the language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from functools import cache
from html import unescape
from string import Formatter
from typing import Any

import pytest

from config.languages.cldr import CldrFormats
from config.mail_templates.render import Templates
from onboarding.booking.choice import Times
from onboarding.booking.diary import Diary
from onboarding.booking.slots import sides_of
from onboarding.brand.company import NO_BRAND
from onboarding.languages.language import ENGLISH, Language
from onboarding.languages.phrases import Words
from onboarding.model.case import Fact, Hold
from onboarding.model.vocabulary import CustomerRole, FactKind, Tier
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import ABOUT_CALLS, AnswerKind, NothingToAnswer
from onboarding.plan_page.forms import form_for
from onboarding.plan_page.page import plan_page
from onboarding.plan_page.work_forms import ABOUT_WORK
from onboarding.sentences.counted import Counted
from onboarding.shared_plan.named import PAGE
from tasks.plan_page.opening import Closed
from tests.builders.case import CASE, SIGNED
from tests.builders.tiers import BUNDLED_TIERS, MID
from tests.onboarding.plan_page.test_policy import CLASH, METRIC, PROMISE, page_of, playbooks
from web.plan.views import Place, closed, form, on_its_way, plan

GERMAN = Templates().languages.of_pages(["de"])
ROLES = [frozenset({role}) for role in CustomerRole] + [frozenset(), frozenset(CustomerRole)]
DONE = ("kickoff_booked", "kickoff_held", "goals_confirmed", "stakeholders_identified")
CALLS = ("kickoff_booked", "kickoff_booked.20200101T1000Z", "check_in_7", "no_such_call")
MARK = "\N{SECTION SIGN}"


def spoken(roles: frozenset[CustomerRole], tier: Tier, days: int, language: Language) -> PageContext:
    """Return the page of a reader, with something said about each kind of work and a hold behind it."""
    context = page_of(roles, tier, DONE if days else (), days)
    hold = Hold(since=SIGNED + timedelta(1), until=SIGNED + timedelta(4), reason="budget", by="cleo")
    said = tuple(
        Fact(
            key=f"page:{number}",
            kind=kind,
            name=name,
            at=context.now - timedelta(hours=1),
            learned_at=context.now - timedelta(hours=1),
            source=PAGE,
            by="Rita Reader",
            value=value,
        )
        for number, (kind, name, value) in enumerate(
            (
                (FactKind.BLOCKED, "security_review", {"cause": "access"}),
                (FactKind.DATE_PROPOSED, "security_review", {"due_on": "2026-06-01"}),
                (FactKind.MILESTONE_CLAIMED, "security_review", {}),
            )
        )
    )
    case = replace(context.case, holds=(hold,), facts=(*context.case.facts, *said))
    owner = context.state.owner
    sides = owner and sides_of(case, owner, context.reader, context.playbook.pace.hours)
    times = sides and Times(now=context.now, sides=sides, diary=Diary())
    return replace(context, case=case, language=language, times=times)


ABOUT = {AnswerKind.CLASH: ["", "0", "activation"], AnswerKind.DECIDE: ["abc", "0"]}
"""What the forms about conflicts of priorities are about."""


def pages(context: PageContext) -> Iterator[str]:
    """Yield the text of the plan page, of all its forms, and of what opens nothing."""
    place = Place(NO_BRAND, context.language, "token")
    yield visible(plan(place, plan_page(context)).body)
    work = [one.name for one in context.playbook.milestones()]
    for kind in AnswerKind:
        for about in work if kind in ABOUT_WORK else CALLS if kind in ABOUT_CALLS else ABOUT.get(kind, ["0"]):
            try:
                yield visible(form(place, form_for(kind, about, context), "form").body)
            except NothingToAnswer as nothing:
                yield str(nothing)
    for why in Closed:
        yield visible(closed(place, why, "again", asks=why is Closed.UNKNOWN).body)
    yield visible(on_its_way(place).body)


def visible(body: bytes | memoryview) -> str:
    html = re.sub(r"<style>.*?</style>", " ", bytes(body).decode(), flags=re.DOTALL)
    labels = " ".join(re.findall(r'(?:aria-label|alt|placeholder|title)="([^"]*)"', html))
    return unescape(re.sub(r"<[^>]+>", " ", html) + labels)


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: "+".join(sorted(roles))[:40] or "none")
def test_the_page_in_german_has_no_word_of_the_english_catalogue(roles: frozenset[CustomerRole], tier: Tier) -> None:
    for days in (0, 20, 150):
        for text in pages(spoken(roles, tier, days, GERMAN)):
            assert [part for part in english_parts() if part in text] == []
            assert not re.search(
                r"\b(January|March|May|June|July|October|December|[Tt]he|[Yy]ours?|[Ww]e|and|of)\b", text
            )


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: "+".join(sorted(roles))[:40] or "none")
def test_no_text_of_the_page_stands_outside_the_words_of_a_language(roles: frozenset[CustomerRole], tier: Tier) -> None:
    """In a language whose every phrase is a mark, only names, dates and what people wrote are left to read."""
    marked = Language(tag="ja", direction="rtl", words=mark_words(), formats=CldrFormats("ja"))
    for days in (0, 20, 150):
        for text in pages(spoken(roles, tier, days, marked)):
            for known in known_texts():
                text = text.replace(known, " ")
            assert re.findall(r"[A-Za-z]{2,}", text) == []


def test_the_page_says_in_which_language_and_direction_it_is() -> None:
    for language, told in (
        (GERMAN, '<html lang="de" dir="ltr">'),
        (replace(ENGLISH, tag="he", direction="rtl"), "rtl"),
    ):
        shown = bytes(plan(Place(NO_BRAND, language, "x"), plan_page(spoken(ROLES[0], MID, 20, language))).body)
        head, _, style = shown.decode().partition("<head>")
        assert told in head
        assert not re.search(r"(margin|padding|border|text-align)[-: ]*(left|right)", style.partition("</style>")[0])


def test_figures_are_read_as_the_language_writes_them() -> None:
    assert [GERMAN.formats.read(text) for text in ("1,5", "1.500", "1.5", "1e3", "x")] == [1.5, 1500, None, None, None]
    assert [ENGLISH.formats.read(text) for text in ("1.5", "1,500", "1e3", "x")] == [1.5, 1500, None, None]


@cache
def english_parts() -> tuple[str, ...]:
    """Return what English phrases say between their names, as far as it is two words or more."""
    said = {text for text in strings(Words()) if text not in set(strings(GERMAN.words))}
    said |= set(GERMAN.words.texts)
    parts = (part.strip(" .:,") for text in said for part, _, _, _ in Formatter().parse(text))
    return tuple({part for part in parts if " " in part})


@cache
def known_texts() -> tuple[str, ...]:
    """Return what is no text of ours, the longest first."""
    people = [(one.name, one.email) for one in CASE.people]
    owners = [(one.name, one.email) for one in CASE.owners.values()]
    names = {name for pair in (*people, *owners) for name in pair if name}
    names |= {
        CASE.account.name,
        METRIC,
        PROMISE,
        CLASH,
        "Go-live",
        "Rita Reader",
        "rita@kunde.test",
        "hours",
        "ana@acme.example",
    }
    return tuple(sorted(names, key=len, reverse=True))


@cache
def mark_words() -> Words:
    texts = {text: MARK for tier in BUNDLED_TIERS for text in strings(playbooks()[tier])}
    marked: Words = replace(mark(Words()), texts=texts)
    return marked


def mark(value: Any) -> Any:
    """Return the same with nothing left of each text but its names."""
    if isinstance(value, Counted):
        return Counted(other=mark(value.other))
    if isinstance(value, str):
        return " ".join([MARK, *(f"{{{name}}}" for _, name, _, _ in Formatter().parse(value) if name)])
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: mark(getattr(value, part.name)) for part in fields(value)})
    return {name: mark(one) for name, one in value.items()} if isinstance(value, Mapping) else value


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from strings(getattr(value, part.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from strings(one)
