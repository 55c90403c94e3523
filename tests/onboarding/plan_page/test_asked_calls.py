"""The calls that a check-in's mail asks for: its button leads to the page exactly for whom the page shows the times."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.effect import EffectLine
from onboarding.model.vocabulary import Channel, CustomerRole, EffectState, Tier
from onboarding.plan_page.calls.shown import can_book, to_agree
from onboarding.plan_page.context import PageContext
from onboarding.review_case import review_without_writes
from tests.onboarding.plan_page.test_policy import ROLE_SETS, page_of

KICKOFF = ("kickoff_booked", "kickoff_held")
CHECK_INS = ("check_in_7", "check_in_30", "check_in_90")


def after_mail(context: PageContext, step: str) -> PageContext:
    """The same page a minute after the mail of this step has left."""
    line = EffectLine(
        key=f"1:{step}",
        kind=step,
        channel=Channel.MAIL,
        recipient="rita@kunde.test",
        occurrence="1",
        role="champion",
        state=EffectState.SENT,
        due_at=context.now,
        sent_at=context.now,
        person_id=context.reader.id,
    )
    case: Case = replace(context.case, effects=(*context.case.effects, line))
    now = context.now + timedelta(minutes=1)
    return replace(
        context, case=case, review=review_without_writes(case, context.playbook, now, frozenset()).review, now=now
    )


@pytest.mark.parametrize("tier", ["high", "mid", "tech"])
@pytest.mark.parametrize("done", [(), KICKOFF])
@pytest.mark.parametrize("name", CHECK_INS)
def test_the_button_leads_to_the_page_exactly_for_whom_the_page_then_shows_the_times(
    name: str, done: tuple[str, ...], tier: str
) -> None:
    seen = set()
    for roles in ROLE_SETS:
        page = page_of(roles, Tier(tier), done)
        step = next(one for one in page.playbook.steps if one.name == name)
        call = to_agree(after_mail(page, name))
        assert can_book(page, step) is (call is not None)
        seen.add(can_book(page, step))
    assert seen == {True, False}, "it is up to some readers and not to others"


def test_who_neither_leads_nor_is_asked_first_gets_no_button() -> None:
    page = page_of(frozenset({CustomerRole.END_USER}), Tier("mid"), KICKOFF)
    step = next(one for one in page.playbook.steps if one.name == "check_in_30")
    assert not can_book(page, step)
    assert can_book(page_of(frozenset({CustomerRole.CHAMPION}), Tier("mid"), KICKOFF), step)
