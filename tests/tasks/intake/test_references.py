"""References that lead nowhere: set aside and reported once, never taken for empty, mended by the other file."""

import pytest

from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries
from tests.tasks.conftest import ident

CHAMPION, ADMIN = "person1@customer1.example", "person5@customer1.example"
WELCOME = "welcome"


def aside(found):
    return {(one.source, one.record, one.field) for one in found.deals.set_aside}


def customer_with_admin(office):
    office.customer()
    office.contact(5, role="Technical Admin")


DANGLING = {
    "a won deal of an account that is not there": ("006-0001", "AccountId", "001-0009", "Opportunity.csv"),
    "a won deal of the null account": ("006-0001", "AccountId", "000000000000000AAA", "Opportunity.csv"),
    "a seller who is no user": ("006-0001", "OwnerId", "005-0009", "Opportunity.csv"),
    "an account's owner who is no user": ("001-0001", "OwnerId", "005-0009", "Account.csv"),
    "a CSM who is no user": ("001-0001", "First90_CSM__c", "005-0009", "Account.csv"),
    "a specialist who is no user": ("001-0001", "First90_Onboarding_Specialist__c", "005-0009", "Account.csv"),
    "a manager who is no user": ("005-0002", "ManagerId", "005-0009", "User.csv"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("record", "field", "target", "source"), DANGLING.values(), ids=DANGLING)
def test_a_reference_that_leads_nowhere_is_set_aside_told_once_and_gone_once_mended(
    office, record, field, target, source
):
    office.customer()
    kept = next(row for rows in office.tables.values() for row in rows if row.get("Id") == record).get(field, "")
    office.change(record, **{field: target})
    first = office.run()
    (problem,) = first.deals.set_aside
    assert (problem.source, problem.record, problem.field) == (source, record, field)
    assert target in problem.problem
    assert "leads nowhere" in problem.problem
    assert len(office.told("#managers", "leads nowhere")) == 1

    office.user(7, Name="New Here", Email="new@vendor.example")
    assert aside(office.run("2026-03-02T11:00")) == {(source, record, field)}
    assert len(office.told("#managers", "leads nowhere")) == 1, "another look tells nobody again"

    office.change(record, **{field: kept})
    assert office.run("2026-03-02T12:00").deals.set_aside == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left_out", "source", "record"),
    [
        ("001-0001", "Opportunity.csv", "006-0001"),
        ("003-0001", "OpportunityContactRole.csv", "006-0001"),
        ("005-0002", "Account.csv", "001-0001"),
    ],
)
def test_what_a_filtered_export_left_out_is_taken_in_by_itself_when_that_file_alone_changes(
    office, left_out, source, record
):
    customer_with_admin(office)
    name = {"001": "Account.csv", "003": "Contact.csv", "005": "User.csv"}[left_out[:3]]
    rows = office.leave_out(left_out)
    first = office.run()
    assert (source, record) in {context[:2] for context in aside(first)}
    assert office.mails == []

    office.tables[name] += rows
    second = office.run("2026-03-02T11:00")
    assert second.deals.set_aside == ()
    assert WELCOME in office.inbox(CHAMPION)
    assert office.inbox(ADMIN) == []


@pytest.mark.slow
def test_only_deals_that_matter_are_reported(office):
    office.customer()
    gone = ident("001", 99)
    office.deal(2, account=99, IsWon="false", StageName="Negotiation")
    office.deal(3, IsWon="false", StageName="Closed Lost", AccountId="")
    office.deal(4, IsWon="false", StageName="Negotiation", AccountId="", CloseDate="soon")
    office.deal(5, account=99, signed="2020-01-01")
    office.deal(6, AccountId="", signed="2020-01-01")
    office.deal(7, account=99)
    assert aside(office.run()) == {("Opportunity.csv", "006-0007", "AccountId")}
    assert aside(office.run("2026-03-02T11:00", ACCOUNTS="001-0001")) == set(), "outside of the pilot"
    assert aside(office.run("2026-03-02T12:00", ACCOUNTS=f"001-0001,{gone}")) == {
        ("Opportunity.csv", "006-0007", "AccountId")
    }


@pytest.mark.slow
@pytest.mark.parametrize("at", ["001-0002", "", "001-0099"], ids=["parent", "no company", "company not exported"])
def test_whoever_a_deal_names_counts_wherever_their_own_account_is(office, at):
    office.account(2, Name="Holding")
    office.customer()
    office.change("003-0001", AccountId=at)
    assert office.run().deals.set_aside == ()
    assert WELCOME in office.inbox(CHAMPION)

    office.change("003-0001", HasOptedOutOfEmail="true")
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.inbox(CHAMPION)


UNREAD = {
    "not in the export": None,
    "no id for its account": {"AccountId": "1.23 E+15"},
    "a choice that is neither": {"HasOptedOutOfEmail": "perhaps"},
    "an address that is none": {"Email": "person1 at customer1"},
}


@pytest.mark.slow
@pytest.mark.parametrize("bad", UNREAD.values(), ids=UNREAD)
@pytest.mark.parametrize("known", [False, True], ids=["never read", "read before"])
def test_a_person_whose_record_cannot_be_read_is_not_replaced(office, bad, known):
    customer_with_admin(office)
    good = {"HasOptedOutOfEmail": ""} | office.tables["Contact.csv"][0]
    if known:
        office.change("006-0001", IsWon="false")
        office.run("2026-03-02T08:00")
        office.change("006-0001", IsWon="true")
    rows = office.leave_out("003-0001") if bad is None else []
    if bad is not None:
        office.change("003-0001", **bad)
    office.run()
    assert office.mails == []
    cause = office.status()["stall_cause"]
    assert "is named as champion in the deal, but the contact record cannot be read" in cause
    assert "no contact has a part" not in cause
    assert office.told("csm@vendor.example", "the contact record cannot be read")

    office.tables["Contact.csv"] += rows
    office.change("003-0001", **good)
    office.run("2026-03-03T11:00")
    assert WELCOME in office.inbox(CHAMPION)
    assert office.inbox(ADMIN) == []
    assert office.status()["stall_cause"] is None


@pytest.mark.slow
def test_a_message_for_several_waits_for_the_one_who_cannot_be_read_alone(office):
    customer_with_admin(office)
    office.run()
    office.change("003-0001", HasOptedOutOfEmail="perhaps")
    office.run("2026-03-03T10:00")
    office.done("kickoff_held", on="2026-03-04T10:00")
    office.run("2026-03-05T11:00")
    assert "kickoff_recap" in office.inbox(ADMIN)
    assert "kickoff_recap" not in office.inbox(CHAMPION)
    assert office.states("kickoff_recap") == ["withheld", "sent"]

    office.change("003-0001", HasOptedOutOfEmail="false")
    office.run("2026-03-06T11:00")
    assert office.inbox(CHAMPION).count("kickoff_recap") == 1
    assert office.inbox(ADMIN).count("kickoff_recap") == 1


@pytest.mark.slow
@pytest.mark.parametrize("known", [False, True], ids=["never read", "read before"])
@pytest.mark.parametrize(
    "row",
    [
        {"ContactId": ""},
        {"ContactId": "1.23 E+15"},
        {"IsPrimary": "perhaps"},
    ],
)
def test_an_unreadable_role_still_counts_as_a_person(office, row, known):
    customer_with_admin(office)
    if known:
        office.write()
        office.order(deliveries.stop, Channel.MAIL, reason="look first", on="2026-03-02T09:00")
        office.run("2026-03-02T09:30")
        office.order(deliveries.start, Channel.MAIL, on="2026-03-02T09:40")
        assert office.states("welcome") == ["planned"]
    office.tables["OpportunityContactRole.csv"][0].update(row)
    office.run()
    assert office.mails == []
    assert "is named as champion in the deal" in office.status()["stall_cause"]
    office.tables["OpportunityContactRole.csv"][0].update({"ContactId": "003-0001", "IsPrimary": "true"})
    office.run("2026-03-02T11:00")
    assert WELCOME in office.inbox(CHAMPION)
    assert office.inbox(ADMIN) == []


def test_a_contact_role_with_a_cell_too_many_still_belongs_to_its_deal(office):
    customer_with_admin(office)
    office.tables["OpportunityContactRole.csv"].pop(0)
    office.extra["OpportunityContactRole.csv"] = "006-0001,003-0001,Champion,true,,,\n"
    office.run()
    assert office.mails == []
    assert "is named in the deal, but the contact record cannot be read" in office.status()["stall_cause"]


@pytest.mark.slow
@pytest.mark.parametrize("bad", [None, {"Email": "csm at vendor"}, {"TimeZoneSidKey": "Mars/Olympus"}])
@pytest.mark.parametrize("known", [False, True], ids=["never read", "read before"])
def test_nothing_goes_out_in_the_name_of_the_next_in_line_while_the_csm_cannot_be_read(office, bad, known):
    office.user(6, Name="Cora Csm", Email="cora@vendor.example")
    office.customer()
    office.change("001-0001", First90_CSM__c="005-0006")
    good = dict(office.tables["User.csv"][-1]) | {"TimeZoneSidKey": "Europe/London"}
    if known:
        office.write()
        office.order(deliveries.stop, Channel.MAIL, reason="look first", on="2026-03-02T09:00")
        office.run("2026-03-02T09:30")
        office.order(deliveries.start, Channel.MAIL, on="2026-03-02T09:40")
        assert office.states("welcome") == ["planned"]
    rows = office.leave_out("005-0006") if bad is None else []
    if bad is not None:
        office.change("005-0006", **bad)
    office.run()
    assert office.mails == []
    line = office.status()
    name = "Cora Csm" if known else "User 005-0006"
    assert f"{name} is named as the one who looks after the account" in line["stall_cause"]
    assert "the user record cannot be read" in line["stall_cause"]
    assert line["owner"] is None

    office.tables["User.csv"] += rows
    office.change("005-0006", **good)
    office.run("2026-03-02T11:00")
    assert WELCOME in office.inbox(CHAMPION)
    assert all("Cora" in str(mail["From"]) for mail in office.mails)


@pytest.mark.slow
def test_a_csm_who_is_not_active_is_stood_in_for_and_an_empty_reference_is_empty(office):
    office.user(6, Name="Cora Csm", Email="cora@vendor.example", IsActive="false")
    office.customer()
    office.change("001-0001", First90_CSM__c="005-0006")
    office.customer(2, OwnerId="")
    assert office.run().deals.set_aside == ()
    assert WELCOME in office.inbox(CHAMPION)
    assert WELCOME in office.inbox("person2@customer2.example")
