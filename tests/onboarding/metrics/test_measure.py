"""One onboarding measured, with each figure counted by hand beside it."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from onboarding.metrics.contracts import FurtherDeal
from onboarding.metrics.figures import Share, Span, Values
from onboarding.metrics.known import Noted, as_known
from onboarding.metrics.measure import Subject, health_at, measure
from onboarding.metrics.usage import AccountUse, UserUse
from onboarding.model.case import Episode, EpisodeCause, Hold, News, Progress, Stall, Touchpoint
from onboarding.model.effect import EffectLine
from onboarding.model.playbook import Detection, SegmentDetection
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import (
    Channel,
    Concern,
    EffectState,
    NewsKind,
    Severity,
    Side,
    Stage,
    Status,
    TouchpointOutcome,
)
from onboarding.usage.key_actions import signal_names
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook

PLAYBOOK = build_playbook()


def after(days, **more):
    return SIGNED + timedelta(days=days, **more)


def measured(*facts, days=60, case=CASE, playbook=PLAYBOOK, **more):
    """The default onboarding with these facts, so many days after its signature."""
    subject = Subject(case=replace(case, facts=facts), playbook=playbook, **more)
    return measure(subject, after(days))


def activated_by(**detection):
    """The default playbook with this in its plan of the activation."""
    stage = PLAYBOOK.stages[Stage.FIRST_VALUE]
    plans = (replace(one, **detection) if one.name == "activation" else one for one in stage.milestones)
    stages = {**PLAYBOOK.stages, Stage.FIRST_VALUE: replace(stage, milestones=tuple(plans))}
    return replace(PLAYBOOK, title="another activation", stages=stages)


ACTIVATED = build_done("activation", at=after(20))
"""The customer's first measurable win, on day 20."""
ALL_DONE = (
    *build_done(
        *("kickoff_held", "cadence_agreed", "plan_agreed"),
        *("requirements_documented", "security_review", "integrations_connected"),
        *("access_configured", "validation_passed"),
        *("tasks_done_end_users", "tasks_done_admins", "activation", "both_sides_told", "goals_checked"),
        *("next_plan_agreed", "owner_transferred", "account_plan_recorded"),
        at=after(40),
    ),
    build_fact("goal_value", "Quote turnaround", after(40), value={"value": 12}),
)


def test_time_to_value_counts_from_signature_to_activation():
    found = measured(*ACTIVATED)
    assert found.parts["time_to_value"] == Span(20, True)
    assert found.parts["activation_rate"] == Share(1, 1)


def test_who_is_not_there_yet_has_been_watched_for_so_long():
    found = measured()
    assert found.parts["time_to_value"] == Span(60, False)
    assert found.parts["activation_rate"] == Share(0, 1)


def test_a_trial_may_have_found_value_before_the_signature():
    trial = replace(CASE, usage=Usage(known=True, signals=(build_use("content_shared", (after(-3), "ulla")),)))
    assert measured(case=trial).parts["time_to_value"] == Span(-3, True)


def test_the_first_event_may_come_before_the_milestone_that_needs_three():
    playbook = activated_by(signal=Detection(signal="content_shared", count=3, source="ours"))
    use = build_use("content_shared", *((after(days), "ulla") for days in (8, 12, 25)))
    case = replace(CASE, usage=Usage(known=True, signals=(use,)))
    found = measured(case=case, playbook=playbook)
    assert found.parts["time_to_first_value"] == Span(8, True)
    assert found.parts["time_to_value"] == Span(25, True)


@pytest.mark.parametrize(("industry", "days"), [("Retail", 12), ("Banking", 3)])
def test_what_proves_activation_in_another_segment_is_no_first_value(industry, days):
    audit = SegmentDetection(industries=("Banking",), signal=Detection(signal="audit_passed", source="ours"))
    playbook = activated_by(signal_for=(audit,))
    used = tuple(build_use(name, (after(at), "ulla")) for name, at in (("audit_passed", 3), ("content_shared", 12)))
    account = replace(CASE.account, industry=industry)
    case = replace(CASE, account=account, usage=Usage(known=True, signals=used))
    assert measured(case=case, playbook=playbook).parts["time_to_first_value"] == Span(days, True)
    names = signal_names(playbook, case)
    assert names.successes == {"activation", "audit_passed" if industry == "Banking" else "content_shared"}
    assert ("audit_passed" in names.key_actions) == (industry == "Banking")


def test_who_left_has_been_watched_up_to_that_day():
    gone = replace(CASE, account=replace(CASE.account, churned_on=date(2026, 4, 1)))
    found = measured(case=gone, days=100)
    left = datetime(2026, 3, 31, 22, tzinfo=UTC)  # midnight in Berlin
    assert found.parts["time_to_value"] == Span((left - SIGNED) / timedelta(days=1), False)
    assert found.parts["retention_rate"] == Share(0, 1)
    assert found.parts["early_churn_90"] == Share(1, 1)
    assert "early_churn_180" not in found.parts, "the 180 days are not over, whoever has left by now"
    assert (found.churned_on, found.status) == (date(2026, 4, 1), Status.CHURNED)


def test_who_left_before_the_signature_came_back_with_it():
    back = replace(CASE, account=replace(CASE.account, churned_on=SIGNED.date() - timedelta(days=20)))
    found = measured(case=back, days=100)
    assert (found.status, found.left_at, found.churned_on) == (Status.ACTIVE, None, None)
    assert found.parts["time_to_value"] == Span(100, False)
    closed = replace(back, progress=replace(CASE.progress, status=Status.CHURNED, closed_reason="bankrupt"))
    ordered = Noted(after(40), "close", "churned")
    assert measured(case=closed, days=100, journal=(ordered,)).parts["time_to_value"] == Span(40, False)


def test_a_person_may_have_closed_it_as_churned():
    closed = replace(CASE, progress=replace(CASE.progress, status=Status.CHURNED, closed_reason="bankrupt"))
    journal = (Noted(after(30), "close", "churned"),)
    found = measured(case=closed, journal=journal)
    assert found.left_at == after(30)
    assert measured(case=closed, journal=journal, days=29).left_at is None


def test_a_cancelled_onboarding_contributes_nothing():
    case = replace(CASE, progress=replace(CASE.progress, status=Status.CANCELLED, closed_reason="a test"))
    assert measured(case=case, journal=(Noted(after(1), "close", "cancelled"),)).parts == {}


@pytest.mark.parametrize(("days", "part"), [(44, None), (46, Share(1, 1))])
def test_completion_counts_once_the_target_date_has_passed(days, part):
    assert measured(*ALL_DONE, days=days).parts.get("completion_rate") == part


def test_completed_after_the_target_date_is_not_completed_in_time():
    late = [replace(one, at=after(50), learned_at=after(50), key=f"late {one.key}") for one in ALL_DONE]
    found = measured(*late)
    assert found.completed_at == after(50)
    assert found.parts["completion_rate"] == Share(0, 1)
    assert found.parts["project_completion_rate"] == Share(1, 1)


def test_days_in_each_stage():
    held = build_done("kickoff_held", "cadence_agreed", "plan_agreed", at=after(9))
    found = measured(*held, days=30).parts
    assert found["stage_dwell_handoff"] == Span(0, True)
    assert found["stage_dwell_kickoff"] == Span(9, True)
    assert found["stage_dwell_setup"] == Span(21, False)
    assert "stage_dwell_training" not in found


def test_of_an_account_taken_over_under_way_the_time_before_is_unknown():
    taken = Progress(**{name: getattr(CASE.progress, name) for name in Progress.__dataclass_fields__})
    taken = replace(taken, adopted_at=after(12), opened_at=after(12))
    held = build_done("kickoff_held", "cadence_agreed", "plan_agreed", at=after(9))
    rest = build_done(*[one.name for one in ALL_DONE[3:8]], at=after(20))
    found = measured(*held, *rest, days=30, case=replace(CASE, progress=taken)).parts
    assert "stage_dwell_kickoff" not in found
    assert "stage_dwell_setup" not in found, "it was in setup already"
    assert found["stage_dwell_training"] == Span(10, False)
    assert not [name for name in found if name.startswith("clock_")]


# Time per party

# Signed on a Monday at 10:00 in Berlin; working hours are 9 to 17. Kickoff is held and the cadence agreed at the
# weekend, then the plan waits for the customer up to Thursday of the second week, 10:00.
WEEKEND = build_done("kickoff_held", at=after(5)) + build_done("cadence_agreed", at=after(6))
PLAN = build_done("plan_agreed", at=after(10))


def test_whose_clock_ran_in_working_hours():
    found = measured(*WEEKEND, *PLAN, days=10)
    assert found.clock[Stage.KICKOFF] == {Side.VENDOR: 7 + 4 * 8, Side.CUSTOMER: 3 * 8 + 1}
    assert found.parts["clock_vendor"] == Share(39, 64)
    assert found.parts["clock_third_party"] == Share(0, 64)


def test_time_on_hold_counts_for_no_side():
    hold = Hold(since=datetime(2026, 3, 4, tzinfo=UTC), ended_at=datetime(2026, 3, 5, tzinfo=UTC), reason="r", by="b")
    found = measured(*WEEKEND, *PLAN, days=10, case=replace(CASE, holds=(hold,)))
    assert found.clock[Stage.KICKOFF][Side.VENDOR] == 7 + 3 * 8


def test_net_time_to_value_counts_the_vendors_hours_up_to_activation():
    early = build_done("activation", at=after(7))
    assert measured(*WEEKEND, *PLAN, *early).parts["time_to_value_net"] == Span(39, True)
    assert measured(*WEEKEND, *PLAN, days=10).parts["time_to_value_net"] == Span(39, False)


# Goals and answers


def goal_value(value, days):
    return build_fact("goal_value", "Quote turnaround", after(days), value={"value": value})


def test_a_goal_counts_once_it_is_due_and_without_a_value_as_not_reached():
    assert "goal_attainment" not in measured(days=30).parts
    assert measured(days=60).parts["goal_attainment"] == Share(0, 1)
    found = measured(goal_value(30, 10), goal_value(4, 35), days=60)
    assert found.parts["goal_attainment"] == Share(1, 1)
    assert found.parts["time_to_roi"] == Span(35, True)


def answer(kind, score, scale, days=5, person=""):
    value = {"score": score, "low": scale[0], "high": scale[1], "person": person}
    return build_fact("survey", kind, after(days), value=value)


def test_answers_are_counted_by_what_was_asked():
    asked = [answer("ces", 6, (1, 7)), answer("effort", 5, (0, 10)), answer("nps", 9, (0, 10))]
    parts = measured(*asked, answer("nps", 6, (0, 10), days=6)).parts
    assert parts["effort_score"] == Values((6.0, 4.0)), "the middle of ten is the middle of seven"
    assert parts["nps"] == Values((100.0, -100.0))
    assert "csat" not in parts


def test_tickets_of_the_onboarding_are_counted_once():
    opened = [(1, "T1"), (3, "T1"), (9, "T2"), (50, "T3"), (-5, "T0")]
    facts = [build_fact("ticket", name, after(days), value={"topic": "import"}) for days, name in opened]
    assert measured(*facts).parts["ticket_volume"] == Values((3.0,))
    assert measured(*facts, *ALL_DONE).parts["ticket_volume"] == Values((2.0,)), "the third came after its end"
    assert [one.topic for one in measured(*facts).tickets] == ["import"] * 4


def test_a_sponsor_is_heard_of_by_a_reply_or_an_answer():
    assert measured().parts["sponsor_engagement"] == Share(0, 1)
    sponsor = "003EXECUTIVE_SPONSOR"
    assert measured(answer("csat", 4, (1, 5), person=sponsor)).parts["sponsor_engagement"] == Share(1, 1)
    reply = build_fact("reply", sponsor, after(2), value={"person": sponsor})
    assert measured(reply).parts["sponsor_engagement"] == Share(1, 1)
    other = build_fact("reply", "003CHAMPION", after(2), value={"person": "003CHAMPION"})
    assert measured(other).parts["sponsor_engagement"] == Share(0, 1)


# Usage


def test_users_and_their_key_actions():
    users = (
        UserUse("ulla@kunde.test", after(5), after(55), after(9), used_at=after(5)),
        UserUse("max@kunde.test", after(6), after(10), None, used_at=after(6)),
        UserUse("extern", after(50), after(59), None, used_at=after(50)),
    )
    found = measured(use=AccountUse(users=users))
    assert found.parts["user_activation_rate"] == Share(1, 3)
    assert found.parts["user_engagement"] == Share(2, 3)
    assert found.parts["account_adoption"] == Share(2, 120)
    assert found.parts["user_time_to_value"].spans == (Span(4, True), Span(54, False), Span(10, False))
    roles = {one.role: (one.people, one.seen, one.activated) for one in found.roles}
    assert roles["end_user"] == (1, 1, 1)
    assert roles["manager"] == (1, 1, 0)
    assert roles["champion"] == (1, 0, 0)


def test_a_user_of_a_customer_that_left_has_been_watched_up_to_that_day():
    gone = replace(CASE, account=replace(CASE.account, churned_on=after(30).date()))
    users = (
        UserUse("max@kunde.test", after(6), after(10), None),
        UserUse("late@kunde.test", after(40), after(40), None),
    )
    found = measured(case=gone, use=AccountUse(users=users))
    assert found.left_at is not None
    first, second = found.parts["user_time_to_value"].spans
    assert first == Span((found.left_at - after(6)) / timedelta(days=1), False)
    assert second == Span(0, False)


def test_early_churn_leaves_out_who_was_taken_over_after_those_days():
    taken_over = replace(CASE.progress, opened_at=after(100), adopted_at=after(100))
    parts = measured(case=replace(CASE, progress=taken_over), days=200).parts
    assert "early_churn_90" not in parts, "one that left in those days was never seen here"
    assert parts["early_churn_180"] == Share(0, 1)


def test_depth_is_told_of_completed_accounts():
    assert measured(*ALL_DONE, use=AccountUse(at_end=14)).parts["adoption_depth"] == Values((14.0,))
    assert "adoption_depth" not in measured(use=AccountUse(at_end=14)).parts


def test_without_a_source_of_usage_nothing_is_said_of_users():
    assert not {"user_activation_rate", "account_adoption", "user_engagement"} & measured().parts.keys()


# Knowledge at an earlier instant


def test_what_was_reported_later_was_not_known():
    late = build_fact("milestone", "activation", after(20), learned_at=after(40))
    assert measured(late, days=30).parts["time_to_value"] == Span(30, False)
    assert measured(late, days=41).parts["time_to_value"] == Span(20, True)


def cause(kind, since, gone=None, found=None):
    return EpisodeCause(
        kind=kind,
        severity=Severity.WARNING,
        cause="it stands still",
        waiting_on="customer",
        since=after(since),
        next_step="call",
        found_at=after(since if found is None else found),
        level_at=after(since),
        gone_at=None if gone is None else after(gone),
    )


def test_news_was_known_of_the_causes_that_were_known():
    news = [
        News(after=1, at=after(day), what=what, cause=place, severity=Severity.WARNING, level=1)
        for day, what, place in ((2, NewsKind.FOUND, 0), (9, NewsKind.FOUND, 1), (12, NewsKind.EASED, 0))
    ]
    episode = Episode(
        number=1,
        kind="no_activity",
        severity=Severity.WARNING,
        cause="it stands still",
        waiting_on="customer",
        since=after(2),
        next_step="call",
        opened_at=after(2),
        causes=(cause("no_activity", 2, gone=12), cause("stage_overdue", 9)),
        news=tuple(news),
    )
    case = replace(CASE, episodes=(episode,))
    known = [as_known(case, (), after(day)).episodes[0] for day in (5, 10, 13)]
    assert [len(one.causes) for one in known] == [1, 2, 2]
    assert [one.news for one in known] == [tuple(news[:1]), tuple(news[:2]), tuple(news)]


def stalls_at(days, *causes, closed=None):
    """Kind, first and last day and whether it is open of each stall, so many days after the signature."""
    worst = {one.name: getattr(causes[0], one.name) for one in fields(Stall) if one.name not in ("about", "owner_role")}
    closed_at = None if closed is None else after(closed)
    episode = Episode(**worst, number=1, opened_at=after(5), causes=causes, closed_at=closed_at)
    found = measured(days=days, case=replace(CASE, episodes=(episode,))).stalls
    return [(one.kind, (one.since - SIGNED).days, (one.until - SIGNED).days, one.open) for one in found]


def test_each_cause_of_an_episode_is_a_stall_from_when_it_stood_still_until_it_was_gone():
    causes = cause("stage_overdue", 5, gone=20), cause("champion_left", 10, found=12), cause("thin_map", 30)
    assert stalls_at(40, *causes, closed=35) == [
        ("stage_overdue", 5, 20, False),
        ("champion_left", 10, 35, False),
        ("thin_map", 30, 35, False),
    ]
    assert stalls_at(15, *causes, closed=35) == [("stage_overdue", 5, 15, True), ("champion_left", 10, 15, True)]
    assert stalls_at(11, *causes, closed=35) == [("stage_overdue", 5, 11, True)]


def test_an_episode_of_before_causes_were_kept_is_one_stall():
    episode = replace(
        CASE,
        episodes=(
            Episode(
                kind="thin_map",
                severity=Severity.WARNING,
                cause="x",
                waiting_on="vendor",
                since=after(3),
                next_step="y",
                number=1,
                opened_at=after(5),
                closed_at=after(9),
            ),
        ),
    )
    (one,) = measured(case=episode).stalls
    assert (one.kind, one.days, one.open) == ("thin_map", 6, False)


def test_the_amount_is_that_of_the_deal_that_opened_it():
    first = replace(CASE.deals[0], amount=36_500.0)
    later = replace(first, id="006-later", signed_at=after(10), amount=1.0)
    found = measured(case=replace(CASE, deals=(first, later)))
    assert (found.amount, found.contract_days) == (36_500.0, 365)


def test_a_day_of_leaving_that_the_crm_told_later_was_not_known():
    gone = replace(CASE, account=replace(CASE.account, churned_on=date(2026, 4, 1)))
    noted = (Noted(after(50), "status", "churned"),)
    assert measured(case=gone, journal=noted, days=45).status is Status.ACTIVE
    assert measured(case=gone, journal=noted, days=55).status is Status.CHURNED


@pytest.mark.parametrize("later", [None, date(2026, 8, 1)])
def test_a_day_of_leaving_that_the_crm_clears_or_moves_later_changes_no_past_figure(later):
    noted = (Noted(after(30), "status", "churned"), Noted(after(150), "status", "active"))
    back = replace(CASE, account=replace(CASE.account, churned_on=later))
    found = measured(case=back, journal=noted, days=100)
    assert (found.status, found.churned_on) == (Status.CHURNED, after(30).date())
    assert found.parts["early_churn_90"] == Share(1, 1)
    assert measured(case=back, journal=noted, days=151).status is Status.ACTIVE


def test_usage_that_came_unreadable_later_changes_no_earlier_health():
    used = Usage(known=True, read_at=after(41), signals=(build_use("login", (after(28), "ulla")),))
    facts = (build_done("kickoff_held", at=after(12))[0], answer("effort", 8, (0, 10)))
    before, later = (
        Subject(case=replace(CASE, facts=facts, usage=replace(used, unread_at=at)), playbook=PLAYBOOK)
        for at in (None, after(40))
    )
    assert health_at(later, after(30)) == health_at(before, after(30)) is not None
    assert health_at(later, after(41)) != health_at(before, after(41))


def test_a_deal_signed_later_adds_no_seats_to_an_earlier_figure():
    more = replace(CASE.deals[0], id="006-later", signed_at=after(50), seats=60)
    case, use = replace(CASE, deals=(*CASE.deals, more)), AccountUse()
    assert measured(case=case, use=use, days=40).parts["account_adoption"] == Share(0, 120)
    assert measured(case=case, use=use, days=60).parts["account_adoption"] == Share(0, 180)


def test_a_deal_that_was_lost_later_was_still_won():
    lost = replace(CASE, deals=(replace(CASE.deals[0], won=False),))
    noted = (Noted(after(50), "status", "on_hold"),)
    assert measured(case=lost, journal=noted, days=40).status is Status.ACTIVE
    assert measured(case=lost, journal=noted, days=51).status is Status.ON_HOLD
    assert measured(case=lost, days=51).status is Status.ON_HOLD, "lost since the last review"


def test_a_stage_that_was_left_later_was_still_open():
    moved = replace(
        CASE.progress,
        stage=Stage.SETUP,
        stage_times={Stage.HANDOFF: SIGNED, Stage.KICKOFF: SIGNED, Stage.SETUP: after(9)},
    )
    held = [
        build_fact("milestone", name, after(9), learned_at=after(15))
        for name in ("kickoff_held", "cadence_agreed", "plan_agreed")
    ]
    journal = (Noted(after(0), "stage_left", "handoff"), Noted(after(15), "stage_left", "kickoff"))
    case = replace(CASE, progress=moved)
    assert measured(*held, case=case, journal=journal, days=12).stage is Stage.KICKOFF
    assert measured(*held, case=case, journal=journal, days=16).stage is Stage.SETUP


def test_health_then_is_what_was_known_then():
    told = answer("effort", 8, (0, 10))
    late = build_fact("milestone", "kickoff_held", after(12), learned_at=after(40))
    used = replace(CASE, usage=Usage(known=True, signals=(build_use("login", (after(28), "ulla")),)))
    subject = Subject(case=replace(used, facts=(told, late)), playbook=PLAYBOOK)
    without = Subject(case=replace(used, facts=(told,)), playbook=PLAYBOOK)
    assert health_at(subject, after(30)) == health_at(without, after(30)) is not None
    assert health_at(subject, after(41)) != health_at(without, after(41))


def test_the_product_is_the_deals_or_else_the_playbooks():
    def sold(*products):
        deals = tuple(replace(CASE.deals[0], id=f"006-{n}", product=one) for n, one in enumerate(products))
        named = replace(PLAYBOOK, title="named", value=replace(PLAYBOOK.value, product="Northbeam"))
        return measured(case=replace(CASE, deals=deals), playbook=named).product

    assert sold("CRM") == "CRM"
    assert sold("", "ERP") == "ERP"
    assert sold("") == "Northbeam"
    assert measured().product == ""


def asked_how(day, topic="How-to: exports"):
    return build_fact("ticket", f"T{day}", after(day), value={"topic": topic})


def test_the_fall_in_how_to_tickets_is_that_from_the_first_thirty_days_to_the_next():
    tickets = (asked_how(1), asked_how(29), asked_how(30), asked_how(61), asked_how(5, "sso"), asked_how(6, "how to x"))
    assert measured(*tickets, days=59).parts.get("how_to_tickets") is None, "the second thirty days are not over"
    assert measured(*tickets, days=70).parts["how_to_tickets"] == Share(3 - 1, 3)
    assert measured(asked_how(40), days=70).parts["how_to_tickets"] == Share(-1, 0)
    assert "how_to_tickets" not in measured(asked_how(5, "howler"), days=70).parts


def test_daily_tasks_count_once_training_was_entered():
    assert "task_completion_rate" not in measured().parts
    done = [one for one in ALL_DONE if not one.name.startswith("tasks_done_admins")]
    assert measured(*ALL_DONE).parts["task_completion_rate"] == Share(2, 3)
    assert measured(*done).parts["task_completion_rate"] == Share(1, 3)


def test_further_deals_are_an_expansion_whose_sum_is_known_where_every_amount_is():
    assert measured().parts["expansion_rate"] == Share(0, 1)
    assert measured().parts["expansion_revenue"] == Values((0.0,))
    some = FurtherDeal(amount=2000.0), FurtherDeal(amount=500.0)
    more = measured(further=some).parts
    assert (more["expansion_rate"], more["expansion_revenue"]) == (Share(1, 1), Values((2500.0,)))
    unknown = measured(further=(*some, FurtherDeal(amount=None))).parts
    assert unknown["expansion_rate"] == Share(1, 1)
    assert "expansion_revenue" not in unknown


def test_what_users_do_daily_and_regularly():
    seen = {"first_at": after(10), "last_at": after(59), "key_at": after(12)}
    users = (
        UserUse("ann", **seen, success_at=after(25), days=12, key_days=4),
        UserUse("ben", **seen, days=3, key_days=3),
    )
    found = measured(use=AccountUse(users=users)).parts
    assert found["feature_adoption"] == Share(1, 2)
    assert found["daily_active_users"] == Values((0.5,))
    assert found["monthly_active_users"] == Values((2.0,))
    assert found["time_to_first_success"].spans == (Span(15, True), Span(50, False))
    assert [one.days for one in found["user_time_to_value"].spans] == [2, 2]


def test_what_became_of_each_check_in():
    steps = [one.name for one in PLAYBOOK.steps if one.group is Concern.CHECK_INS and not one.calendar]
    sent, skipped, asked, open_ = steps[:4]
    outcomes = {sent: "planned", skipped: "skipped", asked: "asked", open_: "planned"}
    case = replace(
        CASE,
        touchpoints=tuple(
            Touchpoint(step=step, occurrence="1", outcome=TouchpointOutcome(how), at=after(7), because="")
            for step, how in outcomes.items()
        ),
        effects=tuple(
            EffectLine(
                **dict.fromkeys(("key", "person_id", "recipient", "role"), ""),
                kind=kind,
                occurrence="1",
                channel=Channel.MAIL,
                due_at=after(7),
                state=EffectState.SENT if sent_at else EffectState.PLANNED,
                sent_at=sent_at,
            )
            for kind, sent_at in ((sent, after(8)), (open_, None))
        ),
    )
    reply = build_fact("reply", "champion", after(10), value={"person": "c"})
    found = {one.step: (one.outcome, one.answered) for one in measured(reply, case=case).check_ins}
    assert found == {
        sent: ("sent", True),
        skipped: ("left_out", False),
        asked: ("person", False),
        open_: ("open", False),
    }
    late = build_fact("reply", "champion", after(40), value={"person": "c"})
    assert not any(one.answered for one in measured(late, case=case).check_ins)


TOLD = (
    *ALL_DONE,
    *(build_fact("ticket", f"T{day}", after(day), value={"topic": "how-to"}) for day in (3, 9, 40)),
    *(answer("ces", score, (1, 7), days=day) for score, day in ((6, 5), (2, 30))),
    build_fact("promise", "p1", after(2), value={"text": "a day on site"}),
    build_fact("milestone_undone", "activation", after(41)),
)


@given(some.permutations(TOLD))
def test_the_order_of_the_facts_changes_no_figure(facts):
    assert measured(*facts) == measured(*TOLD)


LATER = some.builds(
    lambda fact, days: replace(fact, key=f"later {fact.key}", learned_at=after(60 + days)),
    some.sampled_from(TOLD),
    some.integers(1, 90),
)


@given(some.integers(0, len(TOLD)), some.lists(LATER, max_size=8))
def test_what_is_learned_later_changes_no_figure_of_before(known, later):
    facts = TOLD[:known]
    assert measured(*facts, *later, days=60) == measured(*facts, days=60)


def test_what_people_added_moved_or_waived_is_the_customised_share_of_a_plan():
    all_of_it = len(PLAYBOOK.milestones())
    assert measured().parts["customisation_share"] == Share(0, all_of_it)
    value = {
        "title": "Ask",
        "side": "vendor",
        "owner": "csm",
        "due_on": "2026-03-20",
        "needed": False,
        "stage": "setup",
    }
    facts = (
        build_fact("task", "task_ask", after(1), value=value),
        build_fact("milestone_due", "task_ask", after(2), value={"due_on": "2026-03-25"}),
        build_fact("milestone_due", "plan_agreed", after(2), value={"due_on": "2026-03-25"}),
        build_fact("milestone_waived", "security_review", after(2), value={"reason": "done in the sale"}),
    )
    assert measured(*facts).parts["customisation_share"] == Share(3, all_of_it + 1)
    assert measured(*facts, days=1.5).parts["customisation_share"] == Share(1, all_of_it + 1), "as known then"
