"""Which won deals become onboardings: fresh ones, adopted ones, blocked ones, further ones, and those of a pilot."""

import pytest

from database.onboardings.lookup import NotFound
from tasks.commands import onboardings

OLD = "2026-01-12"
"""A signature seven weeks before the first cycle."""


def kinds(office, account=1):
    """Return the steps that an account's people got."""
    return [kind for number in range(1, 10) for kind in office.inbox(f"person{number}@customer{account}.example")]


@pytest.mark.slow
@pytest.mark.parametrize(("signed", "adopted"), [("2026-02-24", False), ("2026-02-23T09:00:00Z", True)])
def test_a_deal_first_seen_more_than_a_week_after_its_signature_is_adopted(office, signed, adopted):
    office.customer(First90_Signed_At__c=signed)
    found = office.run()
    assert (found.deals.opened, found.deals.adopted) == (0, 1) if adopted else (1, 0)
    assert office.status()["adopted"] is adopted
    assert ("welcome" in office.sent_kinds) is not adopted


@pytest.mark.slow
def test_how_old_is_fresh_can_be_set(office):
    office.customer(signed=OLD)
    assert office.run(FRESH_DAYS="60").deals.opened == 1


@pytest.mark.slow
def test_an_adopted_deal_gets_no_step_whose_time_had_passed_and_every_later_one(office):
    office.customer(signed=OLD)
    office.run()
    assert office.mails == []
    assert [line for line in office.journal() if "taken over" in line]
    office.run("2026-04-13T10:00")
    assert office.sent_kinds == ["check_in_90"]


@pytest.mark.slow
def test_an_adopted_deal_stands_at_the_stage_that_its_facts_show(office):
    office.customer(signed=OLD)
    office.run()
    assert office.status()["stage"] == "kickoff"
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        office.tick(name, Status__c="Done", Completed_At__c="2026-01-20")
    office.run("2026-03-02T11:00")
    line = office.status()
    assert (line["stage"], line["stage_entered_at"]) == ("setup", "2026-01-20T00:00:00Z")
    assert "technical_pack" not in office.sent_kinds


@pytest.mark.slow
def test_the_stalls_of_an_adopted_deal_begin_in_the_digest(office):
    office.customer(2)
    office.run()
    office.customer(signed=OLD)
    office.run("2026-03-06T10:00")
    assert office.status(1)["stall_cause"]
    assert office.status(1)["escalation_level"] == 0
    assert office.status(2)["escalation_level"] == 1
    assert office.states("stall", "slack") == ["sent"]
    assert len(office.told("csm@vendor.example", "Customer 1")) == 1, "the digest"


@pytest.mark.slow
def test_deals_before_the_first_date_taken_in_stay_outside(office):
    office.customer(signed="2025-09-02")
    office.customer(2, signed="2025-09-03")
    found = office.run()
    assert (found.deals.seen, found.deals.adopted) == (2, 1), "180 days before the first run"
    assert office.run("2026-03-09T10:00").deals.adopted == 0
    assert office.run("2026-03-09T11:00", CRM_SINCE="2025-01-01").deals.adopted == 1


def test_a_setting_may_begin_later(office):
    office.customer(signed="2026-02-26")
    assert office.run(CRM_SINCE="2026-03-01").deals.opened == 0


# Further deals of one account


@pytest.mark.slow
def test_a_second_deal_of_a_live_account_extends_it_and_never_restarts_it(office):
    office.customer()
    office.run()
    office.deal(2, account=1, signed="2026-03-05", Amount="90000")
    found = office.run("2026-03-05T10:00")
    assert (found.deals.opened, found.deals.extended) == (0, 1)
    assert [line["deal_id"] for line in office.lines()] == ["006-0001"]
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]
    assert [line for line in office.journal() if line.startswith("extend ")]
    office.run("2026-03-09T10:00")
    office.run("2026-03-12T10:00")
    assert office.sent_kinds.count("check_in_7") == 1


def test_of_two_deals_seen_at_once_the_earlier_signature_opens(office):
    office.customer(2, signed="2026-03-02")
    office.deal(1, account=2, signed="2026-02-27")
    found = office.run()
    assert (found.deals.opened, found.deals.extended) == (1, 1)
    assert office.status(2)["deal_id"] == "006-0001"


@pytest.mark.slow
def test_people_of_a_further_deal_belong_to_the_account(office):
    office.customer()
    office.run()
    office.deal(2, account=1, signed="2026-03-05")
    office.contact(7, role=None)
    office.role(7, "IT Security", deal=2)
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        office.tick(name)
    office.run("2026-03-05T10:00")
    assert "security_pack" in office.inbox("person7@customer1.example")


@pytest.mark.slow
def test_a_deal_of_an_account_that_is_completed_or_gone_begins_anew(office):
    office.customer()
    office.run()
    office.order(onboardings.close, "001-0001", "cancelled", reason="wrong product")
    office.deal(2, account=1, signed="2026-03-10")
    assert office.run("2026-03-10T10:00").deals.opened == 1
    assert sorted(line["deal_id"] for line in office.lines()) == ["006-0001", "006-0002"]
    assert office.sent_kinds.count("welcome") == 2


@pytest.mark.slow
def test_a_deal_reopened_after_winning_stops_and_goes_on_once_it_is_won_again(office):
    office.customer()
    office.run()
    office.change("006-0001", IsWon="false", StageName="Negotiation")
    office.run("2026-03-04T10:00")
    assert office.status()["status"] == "on_hold"
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.sent_kinds
    assert office.states("stall", "slack") == []
    office.change("006-0001", IsWon="true", StageName="Closed Won")
    office.run("2026-03-10T10:00")
    assert office.status()["status"] == "active"
    assert office.sent_kinds.count("welcome") == 1
    assert office.sent_kinds.count("check_in_7") == 1


def test_a_churned_customer_gets_nothing_more_and_nothing_more_is_planned(office):
    office.customer()
    office.run()
    office.change("001-0001", First90_Churned_On__c="2026-03-04")
    office.run("2026-03-05T10:00")
    assert office.status()["status"] == "churned"
    office.run("2026-03-09T10:00")
    office.run("2026-04-09T10:00")
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]
    assert office.crm()["006-0001"]["Status__c"] == "churned"
    assert not [one for one in office.effects(state="planned") if one["channel"] != "crm"]


def test_a_customer_that_had_churned_before_we_saw_it_is_never_written_to(office):
    office.customer()
    office.change("001-0001", First90_Churned_On__c="2026-03-01")
    office.run()
    assert office.mails == []
    assert "the CRM says that they left on 2026-03-01" in office.status()["blocked"], "a person decides"


# An onboarding in the CRM that we do not know


def lose_database(office):
    office.shut()
    for path in office.home.iterdir():
        if path.name.startswith("first90.db"):
            path.unlink()


@pytest.mark.slow
def test_a_lost_database_sends_nothing_to_anybody_until_they_are_adopted(office):
    office.customer()
    office.customer(2)
    office.run()
    lose_database(office)
    mails, posts = len(office.mails), len(office.posts)
    for at in ("2026-03-03T10:00", "2026-03-09T10:00", "2026-03-12T10:00"):
        office.run(at)
    assert (len(office.mails), len(office.posts)) == (mails, posts)
    assert {line["state"] for line in office.effects(channel="mail")} <= {"withheld"}

    assert (
        office.order(onboardings.adopt, None, welcome=False, on="2026-03-12T11:00")
        == "2 taken over; 0 were ours already."
    )
    office.run("2026-03-12T12:00")
    assert len(office.mails) == mails, "nothing of what had passed"
    office.run("2026-04-01T10:00")
    assert office.sent_kinds.count("check_in_30") == 2
    assert office.crm()["006-0001"]["Status__c"] == "active"


@pytest.mark.slow
def test_the_rows_of_a_blocked_account_stay_as_they_were(office):
    office.customer()
    office.run()
    office.tick("kickoff_held")
    office.run("2026-03-04T10:00")
    before = (office.crm(), office.crm("Onboarding_Milestone__c"))
    lose_database(office)
    office.run("2026-03-09T10:00")
    assert (office.crm(), office.crm("Onboarding_Milestone__c")) == before


@pytest.mark.slow
def test_ticks_that_stand_in_the_crm_survive_a_lost_database(office):
    office.customer()
    office.run()
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        office.tick(name, Status__c="Done", Completed_At__c="2026-03-04T09:00:00Z", Completed_By__c="Cleo")
    office.run("2026-03-04T10:00")
    lose_database(office)
    office.run("2026-03-05T10:00")
    office.order(onboardings.adopt, ["001-0001"], welcome=False, on="2026-03-05T11:00")
    office.run("2026-03-05T12:00")
    line = office.status()
    assert (line["stage"], line["stage_entered_at"]) == ("setup", "2026-03-04T09:00:00Z")
    assert office.milestone_row("kickoff_held")["Completed_By__c"] == "Cleo"


@pytest.mark.slow
def test_adopting_with_a_welcome_sends_it_once(office):
    office.customer()
    office.run()
    lose_database(office)
    library = list((office.home / "mail" / "new").iterdir())
    for path in library:
        path.unlink()
    office.run("2026-03-09T10:00")
    office.order(onboardings.adopt, ["001-0001"], welcome=True, on="2026-03-09T11:00")
    office.run("2026-03-09T12:00")
    office.run("2026-03-10T12:00")
    assert office.sent_kinds.count("welcome") == 1


@pytest.mark.slow
def test_a_row_from_another_installation_blocks_the_account_it_names(office):
    office.customer()
    office.customer(2)
    office.write()
    path = office.folder / "Onboarding__c.csv"
    path.write_text("First90_Key__c,Account__c,Status__c\n006-0999,001-0001,active\n", "utf-8")
    office.run()
    assert kinds(office, 1) == []
    assert sorted(kinds(office, 2)) == ["kickoff_invitation", "welcome"]
    assert "006-0999" in path.read_text("utf-8")
    office.order(onboardings.adopt, ["001-0001"], welcome=True)
    office.run("2026-03-02T11:00")
    assert kinds(office, 1) == ["welcome"]


@pytest.mark.slow
def test_a_row_that_appears_later_blocks_from_then_on(office):
    office.customer()
    office.run()
    path = office.folder / "Onboarding__c.csv"
    columns = path.read_text("utf-8").splitlines()[0].split(",")
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(["006-0999", "001-0001", *[""] * (len(columns) - 2)]) + "\n")
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.sent_kinds
    assert "006-0999" in " ".join(office.journal())


def test_a_stranger_whose_rows_contradict_each_other_blocks_too(office):
    office.customer()
    office.write()
    rows = "First90_Key__c,Account__c\n006-0999,001-0001\n006-0999,\n006-0001,001-0001\n006-0001,\n"
    (office.folder / "Onboarding__c.csv").write_text(rows, "utf-8")
    office.run()
    assert office.mails == []


def test_a_stranger_on_an_account_without_won_deals_blocks_nothing(office):
    office.customer()
    office.write()
    (office.folder / "Onboarding__c.csv").write_text("First90_Key__c,Account__c\n006-0999,001-0077\n", "utf-8")
    assert office.run().failures == []
    assert "welcome" in office.sent_kinds


def test_adopt_knows_only_what_was_taken_in(office):
    office.customer()
    office.run()
    with pytest.raises(NotFound):
        office.order(onboardings.adopt, ["001-0999"], welcome=False)
    assert office.order(onboardings.adopt, None, welcome=False) == "0 taken over; 0 were ours already."


# A pilot, and a rehearsal


@pytest.mark.slow
def test_a_pilot_serves_its_accounts_alone_and_others_once_it_grows(office):
    office.customer()
    office.customer(2)
    assert office.run(ACCOUNTS="001-0002").deals.opened == 1
    assert [line["account_id"] for line in office.lines()] == ["001-0002"]
    assert kinds(office, 1) == []
    assert office.run("2026-03-03T10:00", ACCOUNTS="001-0002,001-0001").deals.opened == 1
    assert sorted(kinds(office, 1)) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_an_account_taken_out_of_the_pilot_is_let_alone(office):
    office.customer()
    office.customer(2)
    office.run()
    posts = len(office.told("csm@vendor.example", "Customer 1"))
    for at in ("2026-03-05T10:00", "2026-03-09T10:00", "2026-03-10T10:00"):
        office.run(at, ACCOUNTS="001-0002")
    assert "check_in_7" not in kinds(office, 1)
    assert "check_in_7" in kinds(office, 2)
    assert len(office.told("csm@vendor.example", "Customer 1")) == posts


def test_a_pilot_account_may_be_given_in_the_short_form_of_its_id(office):
    office.tables["Account.csv"].append({"Id": "0015fQw00000001", "Name": "Short", "OwnerId": "005-0002"})
    office.deal(1, AccountId="0015fQw00000001")
    office.contact(1, AccountId="0015fQw00000001")
    assert office.run(ACCOUNTS="0015fQw00000001").deals.opened == 1
    assert "welcome" in office.sent_kinds


def test_a_rehearsal_sends_every_mail_to_one_address_marked_with_whom_it_was_for(office):
    office.customer()
    office.customer(2)
    office.run(MAIL_REDIRECT="ops@vendor.example")
    assert {mail["To"].addresses[0].addr_spec for mail in office.mails} == {"ops@vendor.example"}
    marked = {str(mail["Subject"]) for mail in office.mails}
    assert len(marked) == 4
    assert sum("person1@customer1.example" in subject for subject in marked) == 2
    assert sum("person2@customer2.example" in subject for subject in marked) == 2
