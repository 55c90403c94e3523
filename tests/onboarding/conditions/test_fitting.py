"""A playbook with conditions, over the life of an onboarding: what appears, what goes, and what stays as it was."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from config.playbook_library.library import from_content, load_library, version_of
from onboarding.conditions.conditional import Part
from onboarding.conditions.fitting import calls_left_out, fitted, left_out
from onboarding.explain.touchpoint_fate import explain_touchpoint
from onboarding.forecast.forecast import Experience, forecast
from onboarding.model.case import Case
from onboarding.model.conditions.written import Range, Traits, When
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Due
from onboarding.model.vocabulary import EffectState, FactKind, Stage
from onboarding.review_case import Reviewed, review
from onboarding.shared_plan.named import PAGE
from onboarding.shared_plan.own_calls import OWN_CALL
from onboarding.simulation.apply import decided, delivered, learned
from tests.builders.case import CASE, SIGNED
from tests.builders.changed import with_milestone, with_step
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook
from tests.builders.tiers import MID

HOUR = timedelta(hours=1)
NOW = SIGNED + HOUR
ANALYTICS = When(products=("Analytics",))
NONE = "its products contain no Analytics"
BOOK = build_playbook()
MILESTONE = "analytics_connected"


def conditional(when: When = ANALYTICS, *, name: str = "welcome") -> Playbook:
    """The playbook with a conditional exit milestone of the setup, another that waits for it, and a step."""
    before = next(one for one in BOOK.milestones() if one.name == "requirements_documented")
    own = replace(before, name=MILESTONE, title="Connect analytics", after=("requirements_documented",), when=when)
    step = replace(next(one for one in BOOK.steps if one.name == name), when=when)
    book = with_step(with_milestone(BOOK, own, Stage.SETUP), step)
    last = next(one for one in book.milestones() if one.name == "validation_passed")
    book = with_milestone(book, replace(last, after=(MILESTONE,)), Stage.SETUP)
    setup = book.stages[Stage.SETUP]
    return replace(book, stages={**book.stages, Stage.SETUP: replace(setup, exit=(*setup.exit, MILESTONE))})


def bought(case: Case, *products: str) -> Case:
    return replace(case, deals=(replace(case.deals[0], products=products), *case.deals[1:]))


def journal(found: Reviewed, *kinds: str) -> list[tuple[str, str, str]]:
    return [(one.kind, one.about, one.because) for one in found.review.decisions if one.kind in kinds]


def states(found: Reviewed) -> dict[str, tuple[str, str | None]]:
    return {one.name: (one.status, one.reason) for one in found.review.milestones}


def applied(case: Case, found: Reviewed) -> Case:
    return decided(case, found.review)


def exits(found: Reviewed) -> Iterable[str]:
    return found.playbook.stages[Stage.SETUP].exit


def test_a_playbook_without_conditions_is_used_as_it_is() -> None:
    assert fitted(CASE, BOOK, NOW) is BOOK
    assert review(CASE, BOOK, NOW).playbook is BOOK


def test_customers_with_the_same_results_share_one_playbook() -> None:
    book = conditional()
    assert fitted(CASE, book, NOW) is fitted(bought(CASE, "Billing"), book, NOW)
    assert fitted(CASE, book, NOW) is not fitted(bought(CASE, "Analytics"), book, NOW)
    assert fitted(bought(CASE, "Analytics"), fitted(CASE, book, NOW), NOW) is fitted(
        bought(CASE, "Analytics"), book, NOW
    ), "a fitted playbook can be fitted to another case"


def test_what_is_not_for_an_account_is_neither_owed_nor_sent_nor_journalled() -> None:
    found = review(CASE, conditional(), NOW)
    assert MILESTONE not in states(found)
    assert MILESTONE not in exits(found)
    assert "welcome" not in {one.kind for one in found.review.effects} | {one.step for one in found.review.touchpoints}
    assert journal(found, "appears", "left_out") == []
    assert left_out(found.playbook)[Part.STEP, "welcome"] == f"not for this account: {NONE}"
    assert left_out(found.playbook)[Part.MILESTONE, MILESTONE] == f"not for this account: {NONE}"


def test_what_waits_for_something_left_out_waits_for_what_that_waited_for() -> None:
    plans = {one.name: one for one in fitted(CASE, conditional(), NOW).milestones()}
    assert plans["validation_passed"].after == ("requirements_documented",)


def test_everything_else_is_as_in_the_playbook_without_the_conditional_parts() -> None:
    without = replace(BOOK, steps=tuple(one for one in BOOK.steps if one.name != "welcome"))
    found, usual = review(CASE, conditional(), NOW).review, review(CASE, without, NOW).review
    assert found.effects == usual.effects
    assert found.milestones == usual.milestones
    assert found.next_at == usual.next_at


def test_a_product_bought_under_way_brings_its_milestone_and_its_step_with_the_reason() -> None:
    book = conditional()
    opened = applied(CASE, review(CASE, book, NOW))
    later = bought(opened, "Analytics")
    found = review(later, book, NOW + HOUR)
    assert states(found)[MILESTONE] == ("open", None)
    assert MILESTONE in exits(found)
    because = "for this account from now on: its products contain Analytics"
    assert journal(found, "appears", "left_out") == [("appears", MILESTONE, because), ("appears", "welcome", because)]
    assert "welcome" in {one.kind for one in found.review.effects}
    again = review(applied(later, found), book, NOW + HOUR)
    assert journal(again, "appears", "left_out") == [], "told once"


def test_a_step_that_appears_after_its_time_is_late_by_its_own_rule() -> None:
    book = conditional()
    opened = applied(CASE, review(CASE, book, NOW))
    found = review(bought(opened, "Analytics"), book, NOW + timedelta(days=20))
    assert "welcome" not in {one.kind for one in found.review.effects}
    assert ("welcome", "skipped") in {(one.step, one.outcome.value) for one in found.review.touchpoints}


def test_a_milestone_that_goes_is_not_owed_and_blocks_no_exit_and_comes_back() -> None:
    book = conditional()
    owner = bought(CASE, "Analytics")
    opened = applied(owner, review(owner, book, NOW))
    gone = review(bought(opened), book, NOW + HOUR)
    assert states(gone)[MILESTONE] == ("not_applicable", f"not for this account: {NONE}")
    assert next(one for one in gone.review.milestones if one.name == MILESTONE).met
    assert ("left_out", MILESTONE, f"not for this account: {NONE}") in journal(gone, "left_out")
    back = review(bought(applied(bought(opened), gone), "Analytics"), book, NOW + 2 * HOUR)
    assert states(back)[MILESTONE] == ("open", None)
    assert ("appears", MILESTONE) in {(kind, about) for kind, about, _ in journal(back, "appears")}


def test_a_milestone_done_before_it_went_stays_done() -> None:
    book = conditional()
    owner = learned(bought(CASE, "Analytics"), [build_fact(FactKind.MILESTONE, MILESTONE, SIGNED)])
    opened = applied(owner, review(owner, book, NOW))
    gone = review(bought(opened), book, NOW + HOUR)
    assert states(gone)[MILESTONE][0] == "done"


@pytest.mark.parametrize("done", [True, False])
def test_a_new_version_that_makes_a_milestone_conditional_keeps_it_where_it_was(done: bool) -> None:
    free, book = conditional(), conditional()
    plan = next(one for one in free.milestones() if one.name == MILESTONE)
    free = with_milestone(free, replace(plan, when=None), Stage.SETUP)
    facts = [build_fact(FactKind.MILESTONE, MILESTONE, SIGNED)] if done else []
    case = learned(CASE, facts)
    before = review(case, free, NOW)
    assert states(before)[MILESTONE][0] == ("done" if done else "open")
    found = review(applied(case, before), book, NOW + HOUR)
    expected = ("done", None) if done else ("not_applicable", f"not for this account: {NONE}")
    assert states(found)[MILESTONE] == expected
    again = review(applied(applied(case, before), found), book, NOW + 2 * HOUR)
    assert states(again)[MILESTONE] == expected


def test_a_message_planned_and_not_sent_is_cancelled_with_the_reason_and_a_sent_one_stays() -> None:
    book = conditional()
    owner = bought(CASE, "Analytics")
    opened = applied(owner, review(owner, book, NOW))
    mails = [line for line in opened.effects if line.kind == "welcome"]
    assert len(mails) == 2
    half = delivered(opened, {mails[0].key}, NOW)
    gone = review(bought(half), book, NOW + HOUR)
    assert [(one.key, one.state, one.because) for one in gone.review.changes if ":welcome:" in one.key] == [
        (mails[1].key, EffectState.CANCELLED, f"not for this account: {NONE}")
    ]
    after = applied(bought(half), gone)
    assert {line.state for line in after.effects if line.kind == "welcome"} == {
        EffectState.SENT,
        EffectState.CANCELLED,
    }


def test_explain_says_why_a_step_is_not_for_the_account() -> None:
    found = review(CASE, conditional(), NOW)
    told = explain_touchpoint(CASE, found.review, found.playbook, "welcome", NOW)
    assert told.said == (f"Not for this account: {NONE}.",)


def test_an_exit_criterion_counts_only_for_those_it_is_for() -> None:
    setup = BOOK.stages[Stage.SETUP]
    few = replace(setup, exit_when={"security_review": When(seats=Range(at_least=500))})
    book = replace(BOOK, stages={**BOOK.stages, Stage.SETUP: few})
    found = review(CASE, book, NOW)
    assert "security_review" not in exits(found)
    assert "security_review" in states(found), "the milestone itself stays"
    many = replace(CASE, deals=(replace(CASE.deals[0], seats=500),))
    assert "security_review" in exits(review(many, book, NOW))


def test_an_exit_condition_must_name_an_exit_criterion() -> None:
    with pytest.raises(ValueError, match="exit_when names nothing"):
        replace(BOOK.stages[Stage.SETUP], exit_when={"nothing": ANALYTICS})


def test_a_stall_is_watched_only_for_those_it_is_for() -> None:
    late = SIGNED + timedelta(days=30)
    kind = "kickoff_not_booked"
    assert kind in {one.kind for one in review(CASE, BOOK, late).review.stalls}
    book = replace(BOOK, stalls={**BOOK.stalls, kind: replace(BOOK.stalls[kind], when=ANALYTICS)})
    assert kind not in {one.kind for one in review(CASE, book, late).review.stalls}
    assert kind in {one.kind for one in review(bought(CASE, "Analytics"), book, late).review.stalls}


def test_each_of_two_conditions_with_the_same_words_has_its_own_result() -> None:
    seats = When(seats=Range(at_least=5))
    first = with_step(BOOK, replace(next(one for one in BOOK.steps if one.name == "welcome"), when=seats))
    other = next(one for one in BOOK.steps if one.name != "welcome")
    book = with_step(first, replace(other, when=When(numbers={"seats": Range(at_least=5)})))
    case = replace(CASE, deals=(replace(CASE.deals[0], seats=500),))
    assert set(left_out(fitted(case, book, NOW))) == {(Part.STEP, other.name)}


def test_a_kept_version_has_the_same_conditions() -> None:
    when = When(
        products=("Analytics",),
        seats=Range(at_least=5),
        fields={"industry": ("Banking",)},
        numbers={"staff": Range(at_most=10)},
        any_of=(Traits(region=("DE",)),),
    )
    book = conditional(when)
    assert from_content(version_of(book).content) == book


def test_the_forecast_at_signature_is_that_of_the_playbook_as_it_is_for_the_account() -> None:
    book = conditional()
    first = next(one for one in book.milestones() if one.name == "requirements_documented")
    late = Due(anchor="signature", days=60, source="ours")
    book = with_milestone(book, replace(first, due=late), Stage.SETUP)
    seen = review(CASE, book, NOW)
    by_fitted = forecast(CASE, seen.review, seen.playbook, NOW, Experience(first_playbook=seen.playbook))
    by_whole = forecast(CASE, seen.review, seen.playbook, NOW, Experience(first_playbook=book))
    assert by_whole == by_fitted


def call_agreed() -> tuple[Playbook, Case]:
    """A playbook whose check-in call is for owners of Analytics, and one of them who was invited to it."""
    mid = load_library().playbook_versions[MID].playbook
    step = next(one for one in mid.steps if one.name == "check_in_7_call")
    book = with_step(mid, replace(step, when=ANALYTICS))
    agreed = build_fact(
        FactKind.MEETING, "check_in_7", NOW, value={"meeting_at": (SIGNED + timedelta(days=8)).isoformat()}
    )
    case = learned(bought(CASE, "Analytics"), [replace(agreed, source=PAGE)])
    found = review(case, book, NOW)
    keys = {one.key for one in found.review.effects if one.kind in ("check_in_7_call", OWN_CALL)}
    assert {one.kind for one in found.review.effects if one.key in keys} == {"check_in_7_call", OWN_CALL}
    return book, delivered(applied(case, found), keys, NOW)


def test_the_invitation_to_a_call_that_goes_is_withdrawn_once_and_given_again_when_it_is_back() -> None:
    book, case = call_agreed()
    gone = review(bought(case), book, NOW + HOUR)
    off = [one for one in gone.review.effects if one.kind in ("check_in_7_call", OWN_CALL)]
    assert {one.kind for one in off} == {"check_in_7_call", OWN_CALL}
    assert all(one.occurrence.endswith("off") for one in off)
    assert "check_in_7" not in gone.review.state.meetings
    later = delivered(applied(bought(case), gone), {one.key for one in off}, NOW + HOUR)
    again = review(later, book, NOW + 2 * HOUR)
    assert not [one for one in again.review.effects if one.kind in ("check_in_7_call", OWN_CALL)]
    back = review(bought(later, "Analytics"), book, NOW + 2 * HOUR)
    assert {one.kind for one in back.review.effects} >= {"check_in_7_call", OWN_CALL}


def test_a_call_to_which_nobody_was_invited_is_just_left_out() -> None:
    book, case = call_agreed()
    found = review(replace(bought(case), effects=(), touchpoints=()), book, NOW + HOUR)
    assert not [one for one in found.review.effects if one.kind in ("check_in_7_call", OWN_CALL)]
    assert calls_left_out(found.playbook) == {"check_in_7": f"not for this account: {NONE}"}
