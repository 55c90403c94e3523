"""The forecast: dates from what is done, owed and usual, with a reason for every day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.playbook_library.library import load_library
from onboarding.dates.working_time import is_working_day
from onboarding.forecast.forecast import Experience, forecast
from onboarding.forecast.reasons import Reason
from onboarding.forecast.result import Forecast
from onboarding.forecast.usual import LEAST, Finished, usual_times
from onboarding.forecast.wording import forecast_sentence
from onboarding.model.case import Calendar, Case, Hold
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import STAGES, Side, Stage, Status, Tier
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact
from tests.builders.tiers import BUNDLED_TIERS, HIGH, MID
from tests.examples import examples

SETUP = ("requirements_documented", "integrations_connected", "access_configured")


@cache
def bundled(tier: Tier = MID) -> Playbook:
    return load_library().playbook_versions[tier].playbook


def foreseen(case: Case, day: float, experience: Experience | None = None, tier: Tier = MID) -> Forecast:
    """The forecast so many days after the signature."""
    now = SIGNED + timedelta(days=day)
    found = review(case, bundled(tier), now)
    return forecast(case, found.review, bundled(tier), now, experience)


def begun(*extra: object) -> Case:
    """A case whose kickoff was held on day 10, with further facts."""
    at = SIGNED + timedelta(days=10)
    booked = build_done("kickoff_booked", at=SIGNED + timedelta(days=2))
    held = build_done("kickoff_held", "cadence_agreed", "plan_agreed", at=at)
    return replace(CASE, facts=(*booked, *held, *extra))


def left(found: Forecast, stage: Stage) -> date:
    day = next(one.forecast for one in found.stages if one.stage is stage)
    assert day is not None
    return day


def work(found: Forecast, name: str) -> date:
    day = next(one.forecast for one in found.milestones if one.name == name)
    assert day is not None
    return day


def test_at_signature_nothing_has_moved_and_stages_follow_each_other() -> None:
    found = foreseen(CASE, 0.1)
    assert [one.stage for one in found.stages] == list(STAGES)
    days = [left(found, stage) for stage in STAGES]
    assert days == sorted(days)
    assert all(one.forecast == one.at_signature and one.days == 0 for one in found.stages)
    assert not found.reasons
    assert found.target == date(2026, 4, 16)


def test_work_that_is_late_moves_what_waits_for_it_and_is_named_with_its_side() -> None:
    at = SIGNED + timedelta(days=15)
    case = begun(*build_done(*SETUP, at=at))
    planned, late = foreseen(case, 16), foreseen(case, 50)
    moved = (left(late, Stage.SETUP) - left(planned, Stage.SETUP)).days
    assert moved > 20
    assert late.go_live is not None
    assert planned.go_live is not None
    assert late.go_live.forecast > planned.go_live.forecast  # type: ignore[operator]
    (why,) = [one for one in late.go_live.reasons if one.milestone == "security_review"]
    assert why.days > 20
    assert why.side is Side.CUSTOMER
    assert "not done" in why.text
    assert str(why).startswith(f"+{why.days} days: Complete the security and compliance review, customer")


def test_what_is_done_earlier_than_expected_is_days_gained() -> None:
    case = begun(*build_done(*SETUP, "security_review", "validation_passed", at=SIGNED + timedelta(days=12)))
    found = foreseen(case, 13)
    setup = found.stages[2]
    assert setup.done
    assert setup.days is not None
    assert setup.days < 0
    assert sum(one.days for one in setup.reasons) == setup.days


def test_an_agreed_kickoff_is_expected_on_its_day_and_the_rest_after_it() -> None:
    held = datetime(2026, 3, 25, 10, tzinfo=UTC)
    told = build_fact("meeting", "kickoff_booked", SIGNED + timedelta(days=1), value={"meeting_at": held.isoformat()})
    found = foreseen(replace(CASE, facts=(told,)), 2)
    assert work(found, "kickoff_held") == held.date()
    assert left(found, Stage.KICKOFF) > held.date()
    assert any(one.milestone == "kickoff_held" and "agreed for 25 Mar" in one.text for one in found.reasons)


def test_a_due_date_that_a_person_set_counts_where_the_work_before_it_allows() -> None:
    later = build_fact("milestone_due", "security_review", SIGNED + timedelta(days=11), value={"due_on": "2026-04-20"})
    found = foreseen(begun(later), 12)
    assert work(found, "security_review") == date(2026, 4, 20)
    assert left(found, Stage.SETUP) == date(2026, 4, 21)


def test_a_hold_stops_the_clock_and_is_a_reason_of_its_own() -> None:
    since = SIGNED + timedelta(days=11)
    hold = Hold(since=since, reason="Merger", by="cleo@vendor.test", until=since + timedelta(days=28))
    before, held = foreseen(begun(), 12), foreseen(replace(begun(), holds=(hold,)), 12)
    assert (left(held, Stage.SETUP) - left(before, Stage.SETUP)).days == 28
    assert held.on_hold == "Merger, until 10 April 2026"
    (why,) = [one for one in held.stages[2].reasons if one.milestone is None]
    assert why.side is None
    assert why.title == "On hold"
    assert why.text.startswith("Merger, ")
    assert 26 <= why.days <= 28, "less what the weekends before it took"
    assert all(one.forecast >= date(2026, 4, 10) for one in held.milestones if one.forecast and not one.done)


def test_a_milestone_that_does_not_apply_no_longer_holds_anything_up() -> None:
    waived = build_fact(
        "milestone_waived", "security_review", SIGNED + timedelta(days=12), value={"reason": "They have none"}
    )
    found = foreseen(begun(*build_done(*SETUP, at=SIGNED + timedelta(days=13)), waived), 14)
    assert "security_review" not in {one.name for one in found.milestones}
    assert sum(one.days for one in found.stages[2].reasons) == found.stages[2].days
    assert any(one.milestone == "security_review" and "They have none" in one.text for one in found.stages[2].reasons)


def test_a_stage_that_a_person_skipped_is_in_the_reasons() -> None:
    skip = build_fact("skip_stage", "setup", SIGNED + timedelta(days=11), value={"reason": "Done before"})
    found = foreseen(begun(skip), 12)
    assert found.stages[2].done
    assert sum(one.days for one in found.stages[2].reasons) == found.stages[2].days


def test_nothing_is_expected_of_a_customer_who_left() -> None:
    gone = replace(CASE, account=replace(CASE.account, churned_on=date(2026, 3, 10)))
    found = foreseen(gone, 20)
    assert found.status is Status.CHURNED
    assert (found.stages, found.go_live, found.reasons) == ((), None, ())
    assert forecast_sentence(found) is None


def test_the_sentence_names_go_live_the_end_and_the_largest_reasons() -> None:
    said = forecast_sentence(foreseen(begun(), 50))
    assert said is not None
    assert said.startswith("Forecast: go-live on ")
    assert "later than at signature" in said
    assert "Most of it: +" in said


def finished(count: int, days: int) -> tuple[Finished, ...]:
    """Completed onboardings whose security review took so many weekdays from the entry of setup."""
    entered = datetime(2025, 3, 3, 9, tzinfo=UTC)
    return tuple(
        Finished(
            signed_at=entered - timedelta(days=14),
            opened_at=entered - timedelta(days=14),
            completed_at=entered + timedelta(days=90, hours=number),
            stage_times={Stage.SETUP: entered},
            done={"security_review": entered + timedelta(days=days // 5 * 7 + days % 5)},
        )
        for number in range(count)
    )


def test_own_history_counts_from_five_finished_onboardings_on() -> None:
    assert "security_review" not in usual_times(finished(LEAST - 1, 25), bundled(), SIGNED)
    usual = usual_times(finished(LEAST, 25), bundled(), SIGNED)
    assert usual["security_review"] == (25, LEAST)
    slow = foreseen(begun(), 11, Experience(first_playbook=bundled(), finished=finished(LEAST, 25)))
    assert work(slow, "security_review") > work(foreseen(begun(), 11), "security_review")
    assert slow.finished == LEAST


def test_what_was_completed_later_changes_no_forecast_of_an_earlier_day() -> None:
    late = tuple(replace(one, completed_at=SIGNED + timedelta(days=30)) for one in finished(9, 25))
    experience = Experience(first_playbook=bundled(), finished=late)
    after = foreseen(begun(), 31, experience)
    assert [one.at_signature for one in after.stages] == [one.at_signature for one in foreseen(begun(), 31).stages]
    assert usual_times(late, bundled(), SIGNED) == {}


def test_the_forecast_at_signature_is_by_the_playbook_of_that_day() -> None:
    slower = replace(
        bundled(),
        stages={
            **bundled().stages,
            Stage.SETUP: replace(
                bundled().stages[Stage.SETUP],
                milestones=tuple(
                    replace(one, due=replace(one.due, days=40)) if one.name == "security_review" else one
                    for one in bundled().stages[Stage.SETUP].milestones
                ),
            ),
        },
    )
    found = foreseen(begun(), 12, Experience(first_playbook=slower))
    assert found.stages[2].days is not None
    assert found.stages[2].days < -20
    assert sum(one.days for one in found.stages[2].reasons) == found.stages[2].days


NAMES = [plan.name for plan in load_library().playbook_versions[HIGH].playbook.milestones()]
DAY = st.floats(0, 150).map(lambda day: round(day, 1))


@pytest.mark.slow
@given(
    done=st.dictionaries(st.sampled_from(NAMES), DAY, max_size=25),
    waived=st.lists(st.sampled_from(NAMES), max_size=3),
    hold=st.none() | st.tuples(DAY, st.floats(1, 40), st.booleans()),
    seen=st.floats(0, 20),
    day=DAY,
    tier=st.sampled_from(BUNDLED_TIERS),
)
@settings(max_examples=examples(150))
def test_every_day_has_its_reason_and_open_work_is_never_in_the_past(
    done: dict[str, float],
    waived: list[str],
    hold: tuple[float, float, bool] | None,
    seen: float,
    day: float,
    tier: Tier,
) -> None:
    def at(days: float) -> datetime:
        return SIGNED + timedelta(days=days)

    facts = [fact for name, when in done.items() for fact in build_done(name, at=at(when))]
    facts += [build_fact("milestone_waived", name, at(5), value={"reason": "none"}) for name in waived]
    holds: list[Hold] = []
    if hold is not None and hold[0] <= day:
        ends = at(hold[0] + hold[1])
        holds = [Hold(since=at(hold[0]), reason="r", by="b", until=ends, ended_at=ends if hold[2] else None)]
    case = replace(
        CASE, facts=tuple(facts), holds=tuple(holds), progress=replace(CASE.progress, opened_at=at(min(seen, day)))
    )
    found = foreseen(case, day, tier=tier)
    today = at(day).date()
    for moved in (*found.stages, *([found.go_live] if found.go_live else [])):
        assert sum(one.days for one in moved.reasons) == (moved.days or 0), moved
        assert moved.done or moved.forecast is None or moved.forecast >= today
    for one in found.milestones:
        assert one.done or (one.forecast is not None and one.forecast >= today)
        if one.basis in ("playbook", "usual", "overdue"):
            assert is_working_day(one.forecast, Calendar()), one  # type: ignore[arg-type]
    ends = [one.forecast for one in found.stages]
    assert ends == sorted(ends)  # type: ignore[type-var]
    first = foreseen(replace(CASE, facts=(), progress=replace(CASE.progress, opened_at=SIGNED)), 0.01, tier=tier)
    if not waived and all(when > 0.01 for when in done.values()):
        assert [one.at_signature for one in found.stages] == [one.forecast for one in first.stages]


def test_a_reason_reads_as_a_line() -> None:
    lost = Reason(days=4, milestone="m", title="Security review", side=Side.CUSTOMER, text="done on 4 Mar")
    assert str(lost) == "+4 days: Security review, customer (done on 4 Mar)"
    assert str(replace(lost, days=-1)) == "−1 day: Security review, customer (done on 4 Mar)"


Broken = Callable[[Playbook], Playbook]


@pytest.mark.parametrize(
    ("name", "after", "said"),
    [
        ("security_review", ("securty_review",), "after names an unknown milestone: securty_review"),
        ("security_review", ("validation_passed",), "waits for itself"),
        ("go_live", ("go_live",), "waits for itself"),
    ],
)
def test_an_order_of_work_that_cannot_be_is_refused(name: str, after: tuple[str, ...], said: str) -> None:
    playbook = bundled()
    stages = {
        stage: replace(
            plan,
            milestones=tuple(replace(one, after=after) if one.name == name else one for one in plan.milestones),
        )
        for stage, plan in playbook.stages.items()
    }
    with pytest.raises(ValueError, match=said):
        replace(playbook, stages=stages)
