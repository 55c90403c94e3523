"""When a condition turns under way: the times of stages, due dates and stalls count from then."""

from dataclasses import replace
from datetime import timedelta

from onboarding.forecast.forecast import Experience, forecast
from onboarding.model.case import Case
from onboarding.model.conditions.result import ConditionResult
from onboarding.model.conditions.written import Range, When
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Due
from onboarding.model.vocabulary import FactKind, Stage
from onboarding.review_case import Reviewed, review
from onboarding.simulation.apply import decided, learned
from tests.builders.case import CASE, SIGNED
from tests.builders.changed import with_milestone
from tests.builders.facts import build_done, build_fact
from tests.onboarding.conditions.test_fitting import BOOK, MILESTONE, bought, conditional

DAY = timedelta(days=1)
KICKED_OFF = build_done("kickoff_booked", "kickoff_held", "cadence_agreed", "plan_agreed", at=SIGNED + DAY)
SETUP = (
    "requirements_documented",
    "security_review",
    "integrations_connected",
    "access_configured",
    "validation_passed",
)


def in_setup(case: Case, *done: str) -> Case:
    return learned(case, [*KICKED_OFF, *build_done(*done, at=SIGNED + 2 * DAY)])


def saved(case: Case, book: Playbook, days: int) -> tuple[Case, Reviewed]:
    found = review(case, book, SIGNED + days * DAY)
    return decided(case, found.review), found


def kinds(found: Reviewed) -> set[str]:
    return {one.kind for one in found.review.stalls}


def test_a_stage_that_waited_for_what_goes_ends_when_that_goes() -> None:
    case, waits = saved(in_setup(bought(CASE, "Analytics"), *SETUP), conditional(), 3)
    assert waits.review.progress.stage is Stage.SETUP
    case, gone = saved(bought(case), conditional(), 9)
    assert gone.review.progress.stage_times[Stage.TRAINING] == SIGNED + 9 * DAY
    _, later = saved(case, conditional(), 20)
    assert later.review.progress.stage_times == gone.review.progress.stage_times


def test_a_stage_that_waited_for_an_exit_criterion_that_goes_ends_when_that_goes() -> None:
    setup = BOOK.stages[Stage.SETUP]
    many = replace(setup, exit_when={"security_review": When(seats=Range(at_least=500))})
    book = replace(BOOK, stages={**BOOK.stages, Stage.SETUP: many})
    large = replace(CASE, deals=(replace(CASE.deals[0], seats=500),))
    case, waits = saved(in_setup(large, *(name for name in SETUP if name != "security_review")), book, 3)
    assert waits.review.progress.stage is Stage.SETUP
    small = replace(case, deals=(replace(CASE.deals[0], seats=5),))
    _, gone = saved(small, book, 9)
    assert gone.review.progress.stage_times[Stage.TRAINING] == SIGNED + 9 * DAY


def test_what_was_done_before_it_goes_dates_no_stage() -> None:
    case, _ = saved(in_setup(bought(CASE, "Analytics"), MILESTONE), conditional(), 3)
    case, _ = saved(bought(case), conditional(), 9)
    case = learned(case, build_done(*SETUP, at=SIGNED + 5 * DAY))
    _, found = saved(case, conditional(), 10)
    assert found.review.progress.stage_times[Stage.TRAINING] == SIGNED + 5 * DAY


def test_what_appears_after_its_stage_was_left_is_not_lost_there() -> None:
    case, left = saved(in_setup(CASE, *SETUP), conditional(), 3)
    assert left.review.progress.stage is Stage.TRAINING
    case, found = saved(bought(case, "Analytics"), conditional(), 9)
    assert {one.name: one.status for one in found.review.milestones}[MILESTONE] == "open"
    assert "criterion_lost" not in kinds(found)
    _, later = saved(case, conditional(), 30)
    assert "criterion_lost" not in kinds(later)
    undone = learned(case, [build_fact(FactKind.MILESTONE_UNDONE, "access_configured", SIGNED + 10 * DAY)])
    assert "criterion_lost" in kinds(saved(undone, conditional(), 30)[1]), "what was met is"


def test_what_appears_under_way_has_its_time_from_then_on() -> None:
    book = conditional()
    plan = next(one for one in book.milestones() if one.name == MILESTONE)
    book = with_milestone(book, replace(plan, due=Due(anchor="stage", days=5, source="ours")), Stage.SETUP)

    def due(found: Reviewed) -> object:
        at = found.review.state.milestones[MILESTONE].due_at
        return at and at.date()

    case, from_the_start = saved(in_setup(bought(CASE, "Analytics")), book, 3)
    assert due(from_the_start) == (SIGNED + 6 * DAY).date()
    case, _ = saved(in_setup(CASE), book, 3)
    case, found = saved(bought(case, "Analytics"), book, 20)
    assert due(found) == (SIGNED + 25 * DAY).date()
    assert due(saved(case, book, 22)[1]) == (SIGNED + 25 * DAY).date()


def test_the_moment_of_a_turn_is_kept() -> None:
    case, _ = saved(bought(CASE, "Analytics"), conditional(), 1)
    assert set(case.progress.conditions.values()) == {ConditionResult(True)}
    case, _ = saved(bought(case), conditional(), 2)
    case, _ = saved(case, conditional(), 3)
    assert set(case.progress.conditions.values()) == {ConditionResult(False, SIGNED + 2 * DAY)}


def test_what_is_bought_later_leaves_the_forecast_at_signature_and_is_told_as_added() -> None:
    late = next(one for one in conditional().milestones() if one.name == MILESTONE)
    book = with_milestone(
        conditional(), replace(late, due=Due(anchor="signature", days=60, source="ours")), Stage.SETUP
    )
    case, before = saved(CASE, book, 3)
    was = forecast(case, before.review, before.playbook, SIGNED + 3 * DAY, Experience(first_playbook=book))
    case, found = saved(bought(case, "Analytics"), book, 30)
    case, found = saved(case, book, 31)
    now = forecast(case, found.review, found.playbook, SIGNED + 31 * DAY, Experience(first_playbook=book))
    assert [one.at_signature for one in now.stages] == [one.at_signature for one in was.stages]
    setup = next(one for one in now.stages if one.stage is Stage.SETUP)
    assert setup.days > 0
    assert any(one.milestone == MILESTONE and "added to this account" in one.text for one in setup.reasons)
