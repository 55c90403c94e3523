"""The form for a conflict of priorities says who asks for the decision: a mail where there is one, else one of us."""

from dataclasses import replace

import pytest

from onboarding.languages.language import ENGLISH, Language
from onboarding.model.vocabulary import CustomerRole
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind
from onboarding.plan_page.forms import form_for
from tests.builders.tiers import MID
from tests.onboarding.plan_page.test_languages import GERMAN
from tests.onboarding.plan_page.test_policy import page_of

MAIL = {"en": "gets one mail", "de": "bekommt eine E-Mail"}
OURS = {"en": "Your contact here asks", "de": "Ihre Ansprechperson bei uns klärt"}


def said(page: PageContext) -> str:
    form = form_for(AnswerKind.CLASH, "", page)
    return " ".join((*form.intro, form.thanks))


@pytest.mark.parametrize("language", [ENGLISH, GERMAN], ids=["en", "de"])
def test_it_promises_a_mail_only_where_one_will_leave(language: Language) -> None:
    page = replace(page_of(frozenset({CustomerRole.CHAMPION}), MID), language=language)
    mail, ours = MAIL[language.tag], OURS[language.tag]
    assert mail in said(page)
    assert ours not in said(page)
    steps = tuple(step for step in page.playbook.steps if step.name != "decision_request")
    before = replace(page, playbook=replace(page.playbook, steps=steps))
    by_hand = tuple(
        replace(step, mode="task") if step.name == "decision_request" else step for step in page.playbook.steps
    )
    holders = {role: people for role, people in page.state.holders.items() if role != CustomerRole.EXECUTIVE_SPONSOR}
    nobody = replace(page, review=replace(page.review, state=replace(page.state, holders=holders)))
    for other in (before, replace(page, playbook=replace(page.playbook, steps=by_hand)), nobody):
        assert said(other).count(ours) == 2, "in the intro and in the thanks"
        assert mail not in said(other)
