"""The readers of messages that have not left yet, when people, owners, addresses and dates change."""

from datetime import UTC, datetime

import pytest

from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries, facts, onboardings
from tasks.runtime.scope import Scope


def waiting(office, **deal):
    """Return a customer whose welcome is planned while mail is stopped. ``release`` starts mail on Tuesday."""
    office.customer(**deal)
    office.write()
    office.order(deliveries.stop, Channel.MAIL, reason="a rehearsal")
    office.run()
    assert office.mails == []
    assert set(office.states("welcome")) == {"planned"}


def release(office, at="2026-03-03T10:00"):
    office.order(deliveries.start, None, on="2026-03-02T18:00")
    return office.run(at)


@pytest.mark.slow
def test_nothing_leaves_on_a_weekend_and_everything_on_monday_morning(office):
    office.customer(signed="2026-02-28")
    for at in ("2026-02-28T10:00", "2026-03-01T12:00", "2026-03-02T08:59"):
        office.run(at)
    assert office.mails == []
    office.run("2026-03-02T09:00")
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_a_new_owner_signs_what_has_not_left(office):
    office.user(7, Name="Nia New", Email="nia@vendor.example", TimeZoneSidKey="Europe/London", CountryCode="GB")
    waiting(office)
    office.change("001-0001", OwnerId="005-0007")
    release(office)
    assert {str(mail["Reply-To"].addresses[0].addr_spec) for mail in office.mails} == {"nia@vendor.example"}
    assert office.status()["owner"] == "nia@vendor.example"


@pytest.mark.slow
def test_the_csm_field_comes_before_the_owner_and_an_inactive_csm_counts_for_nothing(office):
    office.user(7, Name="Nia New", Email="nia@vendor.example", IsActive="false")
    office.customer()
    office.change("001-0001", First90_CSM__c="005-0007")
    office.run()
    assert office.status()["owner"] == "csm@vendor.example"
    office.change("005-0007", IsActive="true")
    office.run("2026-03-02T11:00")
    assert office.status()["owner"] == "nia@vendor.example"


@pytest.mark.slow
def test_reassigning_re_routes_what_has_not_left(office):
    office.user(7, Name="Nia New", Email="nia@vendor.example", TimeZoneSidKey="Europe/London", CountryCode="GB")
    waiting(office)
    said = office.order(
        onboardings.reassign, "001-0001", "csm", "NIA@vendor.example", reason="load", on="2026-03-02T12:00"
    )
    assert said == "CSM is Nia New now."
    release(office)
    assert {str(mail["Reply-To"].addresses[0].addr_spec) for mail in office.mails} == {"nia@vendor.example"}


@pytest.mark.slow
def test_without_an_owner_the_welcome_waits_and_goes_out_once_there_is_one(office):
    office.customer()
    office.change("005-0002", IsActive="false")
    office.run()
    assert office.mails == []
    assert "owner_missing" in str(office.journal()) or "accountable owner" in office.status()["stall_cause"]
    office.change("001-0001", OwnerId="005-0003")
    office.run("2026-03-03T10:00")
    assert "welcome" in office.sent_kinds


@pytest.mark.slow
def test_a_champion_who_left_before_it_went_out_hands_the_mail_to_the_next(office):
    office.contact(5, role="Technical Buyer")
    waiting(office)
    office.change("003-0001", First90_Left_On__c="2026-03-01")
    release(office)
    assert office.inbox("person1@customer1.example") == []
    assert sorted(office.inbox("person5@customer1.example")) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_a_champion_who_left_after_it_went_out_is_a_stall_and_the_next_one_gets_no_second_welcome(office):
    office.customer()
    office.run()
    office.change("003-0001", First90_Left_On__c="2026-03-04")
    office.contact(5)
    office.role(5, "Champion", deal=1)
    office.run("2026-03-04T10:00")
    office.run("2026-03-05T10:00")
    assert office.sent_kinds.count("welcome") == 1
    office.run("2026-03-09T10:00")
    assert office.inbox("person5@customer1.example") == ["catch_up", "check_in_7"]
    assert "check_in_7" not in office.inbox("person1@customer1.example")


@pytest.mark.slow
def test_a_champion_who_left_without_a_successor_is_raised(office):
    office.customer()
    office.run()
    office.change("003-0001", First90_Left_On__c="2026-03-03")
    office.run("2026-03-03T10:00")
    assert "left" in office.status()["stall_cause"]
    assert office.told("csm@vendor.example", "Customer 1")


@pytest.mark.slow
def test_a_corrected_address_is_followed_and_one_of_a_sent_mail_brings_no_second(office):
    waiting(office)
    office.change("003-0001", Email="right@customer1.example")
    release(office)
    assert sorted(office.inbox("right@customer1.example")) == ["kickoff_invitation", "welcome"]
    office.change("003-0001", Email="again@customer1.example")
    office.run("2026-03-03T10:00")
    assert office.inbox("again@customer1.example") == []


@pytest.mark.slow
def test_two_contacts_with_one_address_get_one_mail(office):
    office.customer()
    office.contact(5, Email="PERSON1@customer1.example", account=1, role="Champion")
    office.run()
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]


def test_a_contact_entered_twice_later_gets_no_second_mail(office):
    office.customer()
    office.run()
    office.change("003-0001", First90_Left_On__c="2026-03-02")
    office.contact(5, Email="person1@customer1.example", role="Champion")
    office.run("2026-03-03T10:00")
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_who_opted_out_gets_no_mail_at_all_and_the_owner_a_task(office):
    office.customer()
    office.change("003-0001", HasOptedOutOfEmail="true")
    office.contact(5, role="Technical Buyer")
    office.run()
    office.run("2026-03-03T10:00")
    office.run("2026-03-09T10:00")
    assert office.inbox("person1@customer1.example") == []
    digest = str(office.told("csm@vendor.example", "Welcome"))
    assert "Person 1" in digest
    assert "opted out" in digest or "wants no automated mail" in digest


@pytest.mark.slow
def test_who_opts_out_before_it_left_gets_nothing(office):
    waiting(office)
    office.change("003-0001", HasOptedOutOfEmail="true")
    release(office)
    assert office.mails == []
    assert set(office.states("welcome")) == {"cancelled"}
    assert "Person 1" in str(office.told("csm@vendor.example"))


@pytest.mark.slow
def test_an_address_that_bounced_gets_nothing_more_from_any_onboarding(office):
    office.customer()
    office.customer(2)
    office.change("003-0002", Email="person1@customer1.example")
    office.run()
    assert office.report(facts.record_bounce, "Person1@Customer1.example", on="2026-03-03T10:00")
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.inbox("person1@customer1.example")
    assert office.status()["stall_cause"]


@pytest.mark.slow
def test_a_customer_without_any_address_is_raised_and_served_once_there_is_one(office):
    office.customer()
    office.change("003-0001", Email="")
    office.run()
    assert office.mails == []
    assert office.status()["stalled_since"]
    office.change("003-0001", Email="ana@customer1.example")
    office.run("2026-03-03T10:00")
    assert sorted(office.inbox("ana@customer1.example")) == ["kickoff_invitation", "welcome"]
    assert "nobody" not in (office.status()["stall_cause"] or "").lower()


@pytest.mark.slow
def test_an_address_that_is_none_is_noted_and_the_person_known_whose_mails_wait(office):
    office.customer()
    office.change("003-0001", Email="ana(at)customer1.example")
    office.contact(5, role="Technical Buyer")
    found = office.run()
    assert [problem.field for problem in found.deals.set_aside] == ["Email"]
    assert office.mails == [], "a slip in an address gives nobody else the champion's mails"
    assert "Person 1 is named as champion" in office.status()["stall_cause"]
    office.change("003-0001", Email="ana@customer1.example")
    office.run("2026-03-02T11:00")
    assert sorted(office.inbox("ana@customer1.example")) == ["kickoff_invitation", "welcome"]
    assert office.inbox("person5@customer1.example") == []


def test_who_has_no_address_at_all_is_passed_over(office):
    office.customer()
    office.change("003-0001", Email="")
    office.contact(5, role="Technical Buyer")
    assert office.run().deals.set_aside == ()
    assert sorted(office.inbox("person5@customer1.example")) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_a_kickoff_that_gets_booked_makes_the_invitation_pointless(office):
    waiting(office)
    office.change("006-0001", First90_Kickoff_At__c="2026-03-05T14:00:00Z")
    release(office)
    assert sorted(office.sent_kinds) == ["kickoff_call", "welcome"], "it stands in the calendar and is not asked for"
    assert office.states("kickoff_invitation") == ["cancelled"]
    assert office.milestones()["kickoff_booked"]["status"] == "done"


@pytest.mark.slow
def test_a_recorded_kickoff_time_counts_as_booked(office):
    waiting(office)
    agreed = datetime(2026, 3, 5, 14, tzinfo=UTC)
    office.report(facts.record_meeting, "kickoff_booked", agreed)
    release(office)
    assert sorted(office.sent_kinds) == ["kickoff_call", "welcome"]


@pytest.mark.slow
def test_a_manual_run_for_one_account_touches_no_other(office):
    office.customer()
    office.customer(2)
    office.run(scope=Scope(accounts=frozenset({"001-0001"}), by="jo"))
    assert [line["account_id"] for line in office.lines()] == ["001-0001"]
    assert office.inbox("person2@customer2.example") == []
    assert len(office.inbox("person1@customer1.example")) == 2
