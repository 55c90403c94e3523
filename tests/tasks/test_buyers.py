"""Who took part in buying is read from contact roles or a field; the mail of who did not sells the value again."""

from typing import Any

import pytest

from config.company.mapping import load_mapping
from tasks.commands.facts import record_stakeholder

SOLD_AGAIN = "You may not have been part of the decision"


def welcome(office: Any, address: str) -> str:
    (mail,) = [one for one in office.mails if address in str(one["To"]) and "who is there for you" in one["Subject"]]
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_a_champion_of_the_deal_bought_and_of_one_who_was_named_by_hand_it_is_not_known(office: Any) -> None:
    office.customer()
    office.contact(5, account=2, role="Decision Maker")
    office.deal(2)
    office.account(2)
    office.contact(3, role=None)
    office.remove("003-0001")
    office.contact(4, role="Economic Buyer")
    office.run("2026-03-02T06:00")
    office.report(record_stakeholder, "person3@customer1.example", "champion", on="2026-03-02T06:30")
    office.run("2026-03-02T10:00")
    assert SOLD_AGAIN not in welcome(office, "person3@customer1.example")
    assert SOLD_AGAIN not in welcome(office, "person5@customer2.example")


def test_the_end_users_of_a_deal_did_not_choose_the_product(office: Any) -> None:
    office.contact(1, role="End User")
    office.deal(1)
    office.account(1)
    office.run()
    assert SOLD_AGAIN in welcome(office, "person1@customer1.example")


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the two fields in the mapping."""
    whole = load_mapping()
    read = whole.read.model_copy(
        update={
            "contact": whole.read.contact.model_copy(update={"buyer": "Bought__c"}),
            "opportunity": whole.read.opportunity.model_copy(update={"fields": {"buyers": "Buyers__c"}}),
        }
    )
    monkeypatch.setattr("tasks.runtime.context.load_mapping", lambda: whole.model_copy(update={"read": read}))


@pytest.mark.slow
@pytest.mark.usefixtures("mapped")
def test_a_field_of_the_deal_or_of_the_contact_decides_where_it_is_mapped(office: Any) -> None:
    fields = ({}, {"Bought__c": "true"}, {"Bought__c": "no"}, {"Bought__c": "false"}, {"Bought__c": "perhaps"})
    for number, champion in enumerate(fields, start=1):
        office.contact(number, account=number, **champion)
        office.contact(number + 50, account=number, role=None)
        office.deal(number, Buyers__c=f"person{number + 50}@customer{number}.example")
        office.account(number)
    office.contact(6, account=6, **{"Bought__c": ""})
    office.deal(6, Buyers__c="x@y.example\nPERSON6@customer6.example")
    office.account(6)
    for number, text in ((7, "TBD"), (8, "see notes")):
        office.contact(number, account=number)
        office.deal(number, Buyers__c=text)
        office.account(number)
    office.run()
    told = [SOLD_AGAIN in welcome(office, f"person{number}@customer{number}.example") for number in range(1, 9)]
    assert told == [True, False, True, True, True, False, False, False]
