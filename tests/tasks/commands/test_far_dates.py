"""A date out of range is refused wherever it is entered, and one that is stored already makes nothing fail."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from cli.options import moment as read_moment
from database.tables import DealRow, EscalationRow, FactRow, HoldRow, OnboardingRow
from flows.options import FlowOptions
from onboarding.model.state import Goal
from tasks.commands import facts, onboardings, value_facts
from tasks.runtime.refusals import Refused
from tasks.slack.requests import morning_of

FAR = datetime(9999, 12, 31, tzinfo=UTC)
LONG_AGO = datetime(203, 3, 2, tzinfo=UTC)


def test_every_order_and_report_refuses_it_and_keeps_nothing(opened):
    key = opened.status()["deal_id"]
    goal = Goal(metric="orders", baseline=1, target=2, unit="a day", due=FAR.date(), at=LONG_AGO)
    orders = [
        lambda: opened.order(onboardings.hold, key, reason="merger", until=FAR, resume="shift"),
        lambda: opened.order(onboardings.snooze, key, FAR),
        lambda: opened.report(facts.record_meeting, "kickoff_booked", FAR),
        lambda: opened.report(facts.record_milestone, "kickoff_booked", at=LONG_AGO),
        lambda: opened.report(facts.record_note, "x", at=FAR),
        lambda: opened.report(facts.record_bounce, "person1@customer1.example", at=FAR),
        lambda: opened.report(value_facts.record_goal, goal),
        lambda: opened.report(facts.record_signal, "login", user="", count=2**63),
    ]
    before = opened.journal()
    for order in orders:
        with pytest.raises(Refused, match=r"outside the years 1990 to 2100|no whole number from 1 to 1000000"):
            order()
    assert opened.journal() == before


def test_command_line_slack_and_prefect_refuse_it_alike():
    with pytest.raises(Exception, match="outside the years"):
        read_moment("9999-12-31")
    with pytest.raises(Refused, match="outside the years"):
        morning_of("9999-12-31", "Asia/Tokyo", datetime(2026, 3, 2, tzinfo=UTC))
    with pytest.raises(ValidationError, match="outside the years"):
        FlowOptions.model_validate({"as_of": "9999-12-31T23:59:00-12:00"})


@pytest.mark.slow
@pytest.mark.parametrize("resume", ["shift", "catch-up", "skip"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_one_that_is_stored_already_makes_no_run_fail(opened, zone, resume):
    """Rows of a version that accepted any date: holds, agreed calls, due days, deals, stalls."""
    key = opened.status()["deal_id"]
    account = opened.status()["account_id"]
    opened.change(account, First90_Time_Zone__c=zone)
    opened.order(onboardings.hold, key, reason="merger", until="2026-03-05T09:00", resume=resume)
    opened.report(facts.record_meeting, "kickoff_booked", datetime(2026, 3, 9, tzinfo=UTC))
    with opened.context() as context, context.database.writing() as conn:
        conn.execute(update(HoldRow).values(until=FAR))
        conn.execute(
            update(FactRow).where(FactRow.kind == "meeting").values(value={"meeting_at": "9999-12-31T23:59:59-12:00"})
        )
        conn.execute(update(DealRow).values(kickoff_at=FAR))
        conn.execute(update(EscalationRow).values(snoozed_until=FAR))
        conn.execute(
            update(OnboardingRow).values(**dict.fromkeys(("stages_at", "check_ins_at", "escalations_at"), LONG_AGO))
        )
    for at in ("2026-03-03T09:00", "2026-03-10T09:00", "2026-06-10T09:00"):
        found = opened.run(at)
        assert not found.failures, found.failures
    assert opened.status()["status"] == "on_hold"
    opened.order(onboardings.resume, key, on="2026-06-11T09:00")
    assert not opened.run("2026-06-12T09:00").failures


def test_control_characters_of_a_note_are_not_kept(opened):
    opened.report(facts.record_note, "new\x1b]0;owned\x07 CFO\n\x9b31min May")
    (kept,) = [line for line in opened.journal() if "CFO" in line]
    assert kept.replace("\n", "").isprintable()
