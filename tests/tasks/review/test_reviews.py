"""When messages leave: the anchors of the check-ins, dates that move, working hours, downtime, a future look."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries

KICKOFF = ("kickoff_held", "cadence_agreed", "plan_agreed")


def daily(office, first, days, hour=10):
    start = datetime.fromisoformat(first).replace(hour=hour, tzinfo=UTC)
    for day in range(days):
        office.run(start + timedelta(days=day))


def days_of(office, kind):
    return [str(mail["Date"].datetime.date()) for mail in office.mails if f":{kind}:" in mail["X-First90-Effect"]]


@pytest.mark.slow
@pytest.mark.parametrize("amount", ["5000", "20000"])
def test_tech_and_mid_check_in_7_30_and_90_days_after_signature(office, amount):
    office.customer(Amount=amount)
    office.run()
    for at in ("2026-03-09", "2026-04-01", "2026-05-31", "2026-06-01"):
        office.run(f"{at}T10:00")
    assert days_of(office, "check_in_7") == ["2026-03-09"]
    assert days_of(office, "check_in_30") == ["2026-04-01"]
    assert days_of(office, "check_in_90") == ["2026-06-01"], "day 90 is a Sunday"
    assert office.told("csm@vendor.example", "90 days after signature")
    assert not [line for line in office.effects(kind="risk_review") if line["channel"] == "mail"]


@pytest.mark.slow
def test_high_checks_in_from_go_live_and_reviews_the_risk_from_signature(office):
    office.customer(Amount="200000", First90_Go_Live_On__c="2026-04-15")
    office.run()
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.sent_kinds
    office.run("2026-04-22T10:00")
    assert days_of(office, "check_in_7") == ["2026-04-22"]
    office.run("2026-06-01T10:00")
    assert office.told("csm@vendor.example", "90 days after signature")


@pytest.mark.slow
def test_a_go_live_that_moves_takes_the_check_ins_with_it_and_never_both_are_sent(office):
    office.customer(Amount="200000", First90_Go_Live_On__c="2026-04-15")
    office.run()
    office.change("006-0001", First90_Go_Live_On__c="2026-04-29")
    for at in ("2026-04-21", "2026-04-22", "2026-04-23", "2026-05-05", "2026-05-06", "2026-05-07"):
        office.run(f"{at}T10:00")
    assert days_of(office, "check_in_7") == ["2026-05-06"]
    office.change("006-0001", First90_Go_Live_On__c="2026-05-13")
    for at in ("2026-05-20", "2026-05-21", "2026-05-29"):
        office.run(f"{at}T10:00")
    assert days_of(office, "check_in_7") == ["2026-05-06"]
    office.run("2026-06-12T10:00")
    assert days_of(office, "check_in_30") == ["2026-06-12"]


@pytest.mark.slow
def test_high_without_a_go_live_30_days_past_its_target_is_checked_from_the_target(office):
    office.customer(Amount="200000")
    office.run()
    office.run("2026-07-21T10:00")
    assert not [kind for kind in office.sent_kinds if kind.startswith("check_in")]
    for at in ("2026-07-22", "2026-07-23", "2026-07-24"):
        office.run(f"{at}T10:00")
    assert days_of(office, "check_in_30") == ["2026-07-22"], "day 7 had passed by then"
    office.run("2026-09-21T10:00")
    assert days_of(office, "check_in_90") == ["2026-09-21"]


@pytest.mark.slow
def test_a_signature_that_is_corrected_moves_what_has_not_left(office):
    office.customer()
    office.run()
    office.change("006-0001", CloseDate="2026-02-27")
    office.run("2026-03-06T10:00")
    assert days_of(office, "check_in_7") == ["2026-03-06"]
    assert office.sent_kinds.count("welcome") == 1


@pytest.mark.slow
def test_after_three_days_down_no_person_gets_a_burst(office):
    office.customer()
    office.contact(5, role="Technical Buyer")
    office.run()
    for name in KICKOFF:
        office.done(name, on="2026-03-04T17:00")
    # Nothing runs from Wednesday evening on; on Monday afternoon five mails are due at once.
    office.run("2026-03-09T14:00")
    daily(office, "2026-03-10", 10)
    assert {"technical_pack", "security_pack", "check_in_7", "kickoff_recap"} <= set(office.sent_kinds)
    backlog = Counter(
        (mail["To"].addresses[0].addr_spec, mail["Date"].datetime.date())
        for mail in office.mails
        if not mail["X-First90-Effect"].startswith(("006-0001:welcome", "006-0001:kickoff_i", "006-0001:check_in_7"))
    )
    assert max(backlog.values()) == 1


@pytest.mark.slow
def test_a_welcome_found_too_late_is_put_before_the_owner_and_never_sent(office):
    office.customer()
    office.write()
    office.run("2026-03-02T18:00")
    daily(office, "2026-03-12", 2)
    assert "welcome" not in office.sent_kinds
    assert office.told("csm@vendor.example", "Welcome from the CSM: Person 1 did not get it")
    assert office.told("csm@vendor.example", "Ask to book the kickoff: Person 1")
    daily(office, "2026-03-20", 2)
    assert not [post for post in office.told("csm@vendor.example", "did not get it") if "20 March" in post["text"]]


@pytest.mark.slow
def test_what_the_stop_held_back_too_long_is_put_before_the_owner(office):
    office.customer()
    office.write()
    office.order(deliveries.stop, Channel.MAIL, reason="wrong template")
    office.run()
    office.order(deliveries.start, None, on="2026-03-12T09:00")
    office.run("2026-03-12T10:00")
    assert "welcome" not in office.sent_kinds
    assert office.told("csm@vendor.example", "Welcome from the CSM: Person 1 did not get it")


@pytest.mark.slow
def test_everybody_is_written_to_in_their_own_working_hours(office):
    zones = {"GB": "Europe/London", "JP": "Asia/Tokyo", "IN": "Asia/Kolkata", "NZ": "Pacific/Auckland"}
    for number, (country, zone) in enumerate(zones.items(), start=1):
        office.customer(number)
        office.change(f"001-{number:04}", BillingCountryCode=country, First90_Time_Zone__c=zone)
    for hour in range(0, 48, 2):
        office.run(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour))
    assert len(office.mails) == 8
    for mail in office.mails:
        number = int(mail["To"].addresses[0].domain.removeprefix("customer").removesuffix(".example"))
        local = mail["Date"].datetime.astimezone(ZoneInfo(list(zones.values())[number - 1]))
        assert 9 <= local.hour < 17
        assert local.weekday() < 5


@pytest.mark.slow
def test_a_public_holiday_is_no_day_for_mail(office):
    office.customer()
    office.change("001-0001", BillingCountryCode="DE")
    office.change("006-0001", CloseDate="2026-03-27")
    office.run("2026-03-27T10:00")
    for at in ("2026-04-03", "2026-04-06"):
        office.run(f"{at}T10:00")
    assert days_of(office, "check_in_7") == [], "Good Friday and Easter Monday"
    office.run("2026-04-07T10:00")
    assert days_of(office, "check_in_7") == ["2026-04-07"]


@pytest.mark.slow
def test_a_later_look_with_embedded_channels_lives_at_that_moment(office):
    office.customer()
    office.run()
    ahead = datetime.now(UTC) + timedelta(days=200)
    found = office.run(ahead)
    assert found.failures == []


@pytest.mark.slow
def test_status_mails_come_at_the_tiers_cadence_and_none_twice(office):
    office.customer(Amount="200000", First90_Kickoff_At__c="2026-03-04T14:00:00Z")
    office.run()
    for name in KICKOFF:
        office.done(name, on="2026-03-04T15:00")
    daily(office, "2026-03-05", 26)
    found = days_of(office, "status_update")
    assert len(found) == len(set(found))
    assert 3 <= len(found) <= 4
    gaps = [datetime.fromisoformat(b) - datetime.fromisoformat(a) for a, b in itertools.pairwise(found)]
    assert all(gap == timedelta(days=7) for gap in gaps)


@pytest.mark.slow
def test_an_agreed_kickoff_is_written_to_the_crm_and_the_next_touchpoint_with_it(office):
    office.customer(First90_Kickoff_At__c="2026-03-04T14:00:00Z")
    office.run()
    row = office.crm()["006-0001"]
    assert row["Next_Touchpoint_At__c"] == "2026-03-09T09:00:00Z"
    office.run("2026-03-09T10:00")
    office.run("2026-03-09T10:10")
    assert office.crm()["006-0001"]["Next_Touchpoint_At__c"] == office.status()["next_touchpoint_at"]


@pytest.mark.slow
def test_a_case_that_breaks_the_rules_code_stops_no_other(office):
    office.customer()
    office.customer(2)
    office.run()
    with office.context() as context, context.database.writing() as conn:
        from sqlalchemy import text

        conn.execute(text("UPDATE onboarding SET playbook = 'gone' WHERE key = '006-0001'"))
    found = office.run("2026-03-09T10:00")
    assert {failure.where for failure in found.failures} == {"006-0001"}
    assert "check_in_7" in office.inbox("person2@customer2.example")
