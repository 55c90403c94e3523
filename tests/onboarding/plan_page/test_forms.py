"""The forms of the plan page: whose they are, what they take for granted, and when a tick is not enough."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, Side, Status, Tier
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm
from onboarding.plan_page.forms import FORMS, form_for
from onboarding.plan_page.page import plan_page
from onboarding.plan_page.work_forms import ABOUT_WORK
from tests.builders.tiers import BUNDLED_TIERS, MID
from tests.examples import examples
from tests.onboarding.plan_page.test_policy import METRIC, NAMES, ROLE_SETS, forbidden, page_of

CHAMPION = frozenset({CustomerRole.CHAMPION})


def text_of(form: PlanForm) -> str:
    options = [option.words for field in form.fields for option in field.options]
    return " ".join((form.title, form.submit, form.thanks, *form.intro, *options))


@pytest.mark.slow
@given(st.sampled_from(ROLE_SETS), st.sampled_from(BUNDLED_TIERS), NAMES)
@settings(max_examples=examples(40))
def test_no_form_tells_or_takes_what_is_kept_from_its_reader(
    roles: frozenset[CustomerRole], tier: Tier, done: list[str]
) -> None:
    context = page_of(roles, tier, tuple(done))
    hidden, goals = forbidden(context), plan_page(context).goals
    answered = {one.name for one in plan_page(context).work if one.answers}
    for kind in ABOUT_WORK:
        for plan in context.playbook.milestones():
            try:
                shown = text_of(form_for(kind, plan.name, context))
                assert plan.name in answered
                assert plan.side is Side.CUSTOMER
                assert not plan.internal
            except NothingToAnswer as nothing:
                shown = str(nothing)
            assert not [title for title in hidden if title in shown]
    for kind in (AnswerKind.GOAL, AnswerKind.CORRECT):
        if not goals or (kind is AnswerKind.GOAL and goals[0].part.confirmed):
            with pytest.raises(NothingToAnswer) as nothing:
                form_for(kind, "0", context)
            assert METRIC not in str(nothing.value)
        else:
            assert METRIC in text_of(form_for(kind, "0", context))


def test_every_kind_has_a_form() -> None:
    assert set(FORMS) == set(AnswerKind)


@pytest.mark.parametrize(("known", "evidence"), [(True, True), (False, False)])
def test_a_tick_counts_by_itself_only_where_usage_cannot_show_it(known: bool, evidence: bool) -> None:
    context = page_of(CHAMPION, MID)
    context = replace(context, case=replace(context.case, usage=Usage(known=known)))
    form = form_for(AnswerKind.DONE, "tasks_done_managers", context)
    assert form.evidence is evidence
    assert ("seen in the product" in text_of(form)) is evidence


@pytest.mark.parametrize(("work", "evidence"), [("validation_passed", True), ("integrations_connected", False)])
def test_with_no_usage_a_tick_of_who_serves_itself_proves_nothing_that_a_signal_proves(
    work: str, evidence: bool
) -> None:
    context = page_of(CHAMPION, Tier("tech"))
    context = replace(context, case=replace(context.case, usage=Usage(known=False)))
    form = form_for(AnswerKind.DONE, work, context)
    assert form.evidence is evidence
    assert ("once the product shows it, or one of us has looked at it" in text_of(form)) is evidence


def test_where_the_crm_decides_a_tick_is_only_told() -> None:
    context = page_of(CHAMPION, MID)
    assert form_for(AnswerKind.DONE, "security_review", context).evidence is False
    assert form_for(AnswerKind.DONE, "security_review", replace(context, crm_decides=True)).evidence is True


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CHURNED, Status.CANCELLED])
def test_an_ended_onboarding_asks_nothing(status: Status) -> None:
    context = page_of(CHAMPION, MID)
    ended = replace(context.review, progress=replace(context.review.progress, status=status))
    for kind in AnswerKind:
        with pytest.raises(NothingToAnswer):
            form_for(kind, "security_review", replace(context, review=ended))
