"""Commands on onboardings: hold and resume, skip, reassign, retier, close, responses to an escalation, the stop."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from database.tables import OnboardingRow
from integrations.recording import Recording
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries, onboardings
from tasks.runtime.refusals import Refused

ACME = "001-0001"


def held(office, resume, since="2026-03-03T10:00", end="2026-03-13T10:00"):
    office.order(onboardings.hold, ACME, reason="merger", until=None, resume=resume, on=since)
    for at in ("2026-03-04T10:00", "2026-03-09T10:00", "2026-03-11T10:00"):
        office.run(at)
    assert office.status()["status"] == "on_hold"
    assert "check_in_7" not in office.sent_kinds
    assert office.states("stall", "slack") == []
    office.order(onboardings.resume, ACME, on=end)


@pytest.mark.slow
def test_a_hold_that_shifts_moves_every_date_by_the_time_held(opened):
    held(opened, "shift")
    opened.run("2026-03-13T10:30")
    assert opened.status()["target_at"] == "2026-04-26T00:00:00Z"
    assert "check_in_7" not in opened.sent_kinds
    opened.run("2026-03-18T10:00")
    assert "check_in_7" not in opened.sent_kinds
    opened.run("2026-03-19T10:00")
    assert opened.sent_kinds.count("check_in_7") == 1


@pytest.mark.slow
def test_a_hold_that_catches_up_keeps_the_dates(opened):
    held(opened, "catch-up", end="2026-03-11T11:00")
    opened.run("2026-03-11T12:00")
    assert opened.status()["target_at"] == "2026-04-16T00:00:00Z"
    assert opened.sent_kinds.count("check_in_7") == 1


@pytest.mark.slow
def test_a_hold_that_skips_drops_what_fell_into_it(opened):
    held(opened, "skip", end="2026-03-11T11:00")
    for at in ("2026-03-11T12:00", "2026-03-12T10:00"):
        opened.run(at)
    assert opened.status()["target_at"] == "2026-04-16T00:00:00Z"
    assert "check_in_7" not in opened.sent_kinds
    opened.run("2026-04-01T10:00")
    assert opened.sent_kinds.count("check_in_30") == 1


@pytest.mark.slow
def test_facts_count_while_on_hold(opened):
    opened.order(onboardings.hold, ACME, reason="merger", until=None, resume="shift", on="2026-03-03T10:00")
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        opened.done(name, on="2026-03-04T10:00")
    opened.run("2026-03-04T11:00")
    line = opened.status()
    assert (line["status"], line["stage"]) == ("on_hold", "setup")
    assert "technical_pack" not in opened.sent_kinds
    opened.order(onboardings.resume, ACME, on="2026-03-05T10:00")
    opened.run("2026-03-05T11:00")
    opened.run("2026-03-06T11:00")
    assert "technical_pack" in opened.sent_kinds


@pytest.mark.slow
def test_a_hold_with_an_end_ends_by_itself(opened):
    opened.order(
        onboardings.hold, ACME, reason="merger", until="2026-03-06T09:00", resume="catch-up", on="2026-03-03T10:00"
    )
    opened.run("2026-03-05T10:00")
    assert opened.status()["status"] == "on_hold"
    opened.run("2026-03-06T10:00")
    assert opened.status()["status"] == "active"


@pytest.mark.slow
def test_what_was_planned_before_a_hold_is_kept_back_and_comes_out_after_it(office):
    office.customer()
    office.write()
    office.order(deliveries.stop, Channel.MAIL, reason="a rehearsal")
    office.run()
    office.order(onboardings.hold, ACME, reason="merger", until=None, resume="shift", on="2026-03-02T11:00")
    assert set(office.states("welcome")) == {"withheld"}
    office.order(deliveries.start, None, on="2026-03-02T12:00")
    office.run("2026-03-02T13:00")
    assert office.mails == []
    office.order(onboardings.resume, ACME, on="2026-03-03T10:00")
    assert set(office.states("welcome")) == {"planned"}
    office.run("2026-03-03T10:00")
    office.run("2026-03-04T10:00")
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_a_hold_twice_a_resume_of_nothing_and_a_past_end_are_refused(opened):
    with pytest.raises(Refused, match="not on hold"):
        opened.order(onboardings.resume, ACME)
    with pytest.raises(Refused, match="passed already"):
        opened.order(onboardings.hold, ACME, reason="x", until="2026-03-01T10:00", resume="shift")
    with pytest.raises(Refused, match="empty"):
        opened.order(onboardings.hold, ACME, reason=" ", until=None, resume="shift")
    opened.order(onboardings.hold, ACME, reason="merger", until=None, resume="shift")
    with pytest.raises(Refused, match="on hold already"):
        opened.order(onboardings.hold, ACME, reason="merger", until=None, resume="shift")


@pytest.mark.slow
def test_skipping_a_stage_leaves_it_and_says_by_whom_and_why(opened):
    assert opened.status()["stage"] == "kickoff"
    opened.order(onboardings.skip_stage, ACME, reason="they know us", on="2026-03-03T10:00")
    line = opened.status()
    assert (line["stage"], line["stage_entered_at"]) == ("setup", "2026-03-03T10:00:00Z")
    left = next(entry for entry in opened.journal() if entry.startswith("stage_left kickoff"))
    assert "jo@vendor.example" in left
    assert "they know us" in left
    opened.run("2026-03-03T11:00")
    assert "technical_pack" in opened.sent_kinds
    opened.order(onboardings.skip_stage, ACME, reason="and again", on="2026-03-03T12:00")
    assert opened.status()["stage"] == "training"


@pytest.mark.slow
def test_a_skipped_stage_with_open_criteria_is_no_lost_criterion(opened):
    opened.order(onboardings.skip_stage, ACME, reason="they know us", on="2026-03-03T10:00")
    opened.run("2026-03-04T10:00")
    assert "No longer true" not in (opened.status()["stall_cause"] or "")


@pytest.mark.slow
def test_retier_moves_it_to_the_newest_playbook_of_that_tier_and_sends_nothing_twice(opened):
    before = opened.status()["playbook"]
    opened.order(onboardings.retier, ACME, "high", reason="board-level deal", on="2026-03-03T10:00")
    line = opened.status()
    assert line["tier"] == "high"
    assert line["playbook"] != before
    opened.run("2026-03-03T11:00")
    assert opened.sent_kinds.count("welcome") == 1
    assert opened.crm()["006-0001"]["Tier__c"] == "high"
    assert any("board-level deal" in entry for entry in opened.journal())
    opened.run("2026-03-09T10:00")
    assert "check_in_7" not in opened.sent_kinds, "high counts from go-live"


def test_what_another_tier_wants_sooner_counts_from_the_move_and_stays_there(opened):
    opened.run("2026-03-20T10:00")
    assert opened.milestones()["activation"]["due_at"].date().isoformat() == "2026-04-13"
    late = opened.milestones()["welcome_sent"]["due_at"]
    opened.order(onboardings.retier, ACME, "tech", reason="ten seats after all", on="2026-03-20T11:00")
    dated = {name: row["due_at"] for name, row in opened.milestones().items()}
    assert dated["activation"].isoformat() == "2026-04-03T11:00:00+00:00", "14 days from the move, not from signature"
    assert dated["welcome_sent"] == late, "what was overdue before is overdue still"
    opened.run("2026-03-24T10:00")
    assert opened.milestones()["activation"]["due_at"] == dated["activation"]


@pytest.mark.slow
def test_the_tier_field_of_the_account_overrules_the_rules(opened):
    opened.change(ACME, First90_Tier__c="tech")
    opened.run("2026-03-03T10:00")
    assert opened.status()["tier"] == "tech"


@pytest.mark.slow
def test_closing_gives_up_what_is_owed_and_nothing_leaves_afterwards(office):
    office.customer()
    office.write()
    office.order(deliveries.stop, Channel.MAIL, reason="a rehearsal")
    office.run()
    office.order(onboardings.close, ACME, "cancelled", reason="signed in error", on="2026-03-02T11:00")
    office.order(deliveries.start, None, on="2026-03-02T11:30")
    for at in ("2026-03-02T12:00", "2026-03-09T10:00", "2026-06-02T10:00"):
        office.run(at)
    assert office.mails == []
    assert set(office.states("welcome")) == {"cancelled"}
    assert office.status()["status"] == "cancelled"
    assert office.crm()["006-0001"]["Status__c"] == "cancelled"
    with pytest.raises(Refused, match="cancelled"):
        office.order(onboardings.hold, ACME, reason="x", until=None, resume="shift", on="2026-06-02T11:00")


@pytest.mark.slow
def test_a_closed_onboarding_ends_its_escalation_too(opened):
    opened.run("2026-03-05T10:00")
    assert opened.status()["escalation_level"] >= 1
    opened.order(onboardings.close, ACME, "churned", reason="wound up", on="2026-03-05T11:00")
    opened.run("2026-03-05T12:00")
    assert opened.status()["stalled_since"] is None
    assert opened.status()["escalation_level"] == 0
    assert "over" in str(opened.posts[-1]).lower() or "churned" in str(opened.posts[-1])


def test_people_and_reasons_are_checked(opened):
    with pytest.raises(Refused, match="none of our roles"):
        opened.order(onboardings.reassign, ACME, "boss", "csm@vendor.example", reason="")
    with pytest.raises(Refused, match="no active user"):
        opened.order(onboardings.reassign, ACME, "csm", "stranger@vendor.example", reason="")
    with pytest.raises(Refused, match="no tier"):
        opened.order(onboardings.retier, ACME, "gold", reason="x")
    with pytest.raises(Refused, match="neither"):
        opened.order(onboardings.close, ACME, "finished", reason="x")


def test_an_orders_effect_is_known_at_once_and_an_order_itself_sends_nothing(opened):
    mails = len(opened.mails)
    opened.order(onboardings.skip_stage, ACME, reason="x", on="2026-03-03T10:00")
    assert opened.status()["stage"] == "setup"
    assert len(opened.mails) == mails


@pytest.mark.slow
def test_the_stop_keeps_everything_and_start_lets_it_go(office):
    office.customer()
    office.write()
    office.order(deliveries.stop, None, reason="wrong template")
    found = office.run()
    assert found.deals.opened == 1
    assert office.mails == []
    assert not (office.folder / "Onboarding__c.csv").exists()
    assert "all" in office.order(deliveries.start, None)
    office.run("2026-03-02T11:00")
    assert len(office.mails) == 2
    assert office.order(deliveries.start, None) == "Nothing was stopped."


def test_stopping_one_channel_leaves_the_others(office):
    office.customer()
    office.write()
    office.order(deliveries.stop, Channel.SLACK, reason="noise")
    office.run("2026-03-05T10:00")
    assert len(office.mails) == 2
    assert office.posts == []


@pytest.mark.slow
def test_a_lookup_by_name_and_deal_finds_the_same(opened):
    for day, wanted in enumerate((ACME, "006-0001", "Customer 1", "customer 1"), start=3):
        opened.order(onboardings.hold, wanted, reason="x", until=None, resume="shift", on=f"2026-03-{day:02}T10:00")
        opened.order(onboardings.resume, wanted, on=f"2026-03-{day:02}T11:00")


class NoAnswer(Recording):
    """A mail server that disconnects before it responds."""

    guarantee = "plain"

    def send(self, messages):
        return [SendResult(state=ResultState.UNKNOWN, error="the connection broke") for _ in messages]


@pytest.fixture
def doubtful(office):
    """Return the office with one customer whose welcome is in doubt."""
    office.customer()
    office.write()
    with office.context() as context:
        office.cycle(replace(context, mail=NoAnswer()))
    office.run("2026-03-02T11:00")
    assert office.states("welcome") == ["unknown"]
    assert office.milestones()["welcome_sent"]["status"] == "open"
    return office


@pytest.mark.slow
def test_what_a_doubt_settled_by_a_person_proves_follows_in_the_next_run(doubtful):
    (welcome,) = doubtful.effects(kind="welcome")
    assert doubtful.order(deliveries.mark_sent, [welcome["key"]], reason="seen in their inbox", on="2026-03-02T12:00")
    doubtful.run("2026-03-02T12:10")
    assert doubtful.milestones()["welcome_sent"]["status"] == "done"
    assert doubtful.milestone_row("welcome_sent")["Status__c"] == "Done"


@pytest.mark.slow
@pytest.mark.parametrize(("order", "mails"), [(deliveries.retry_effects, 1), (deliveries.cancel_effects, 0)])
def test_a_doubt_that_is_tried_again_or_given_up_is_reviewed_too(doubtful, order, mails):
    (welcome,) = doubtful.effects(kind="welcome")
    assert doubtful.order(order, [welcome["key"]], reason="they say nothing came", on="2026-03-02T12:00")
    found = doubtful.run("2026-03-02T12:10")
    assert sum(review.reviewed for review in found.reviews)
    assert doubtful.sent_kinds.count("welcome") == mails
    assert doubtful.milestones()["welcome_sent"]["status"] == ("done" if mails else "open")


@pytest.fixture
def grown(opened):
    """The same customer after the five stages, which asked for more: the track `adoption` runs."""
    done = "2026-03-03T10:00:00+00:00"
    opened.done("business_reviews_set", on="2026-03-03T10:00")
    with opened.context() as context, context.database.writing() as conn:
        values = {"status": "completed", "stage": "done", "stage_times": {"handoff": done, "done": done}}
        conn.execute(update(OnboardingRow).values(**values))
    return opened


ORDERS = {
    "none": None,
    "hold": (onboardings.hold, {"reason": "a dispute", "until": None, "resume": "shift"}),
    "close": (onboardings.close, {"as_": "churned", "reason": "a merger"}),
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_completed_customer_can_be_held_and_closed_and_nothing_of_its_tracks_leaves(grown, order):
    if ORDERS[order] is not None:
        command, given = ORDERS[order]
        grown.order(command, ACME, on="2026-03-16T10:00", **given)
    grown.run("2026-03-18T10:00")
    assert ("new_groups" in grown.sent_kinds) == (order == "none")
    if order == "hold":
        assert grown.status()["status"] == "completed"
        grown.order(onboardings.resume, ACME, on="2026-03-18T11:00")
        grown.run("2026-03-20T10:00")
        assert "new_groups" in grown.sent_kinds, "two days later"
    if order == "close":
        assert grown.status()["status"] == "churned"


def test_a_completed_customer_gets_another_csm_and_is_not_cancelled(grown):
    grown.user(9, Email="new@vendor.example")
    grown.run("2026-03-04T10:00")
    said = grown.order(onboardings.reassign, ACME, "csm", "new@vendor.example", reason="left", on="2026-03-04T11:00")
    assert said.startswith("CSM is")
    with pytest.raises(Refused, match="nothing is cancelled; use --as churned"):
        grown.order(onboardings.close, ACME, "cancelled", reason="merger", on="2026-03-04T11:00")
    with pytest.raises(Refused, match="this onboarding is completed; only one that is under way"):
        grown.order(onboardings.skip_stage, ACME, reason="merger", on="2026-03-04T11:00")
