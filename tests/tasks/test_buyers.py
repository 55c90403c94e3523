"""Who took part in buying is read from the deal's contact roles, and the mail of who did not sells the value again."""

from typing import Any

from tasks.commands.facts import record_stakeholder

SOLD_AGAIN = "You may not have been part of the decision"


def welcome(office: Any, address: str) -> str:
    (mail,) = [one for one in office.mails if address in str(one["To"]) and "who is there for you" in one["Subject"]]
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_a_champion_of_the_deal_bought_and_one_who_was_named_later_did_not(office: Any) -> None:
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
    assert SOLD_AGAIN in welcome(office, "person3@customer1.example")
    assert SOLD_AGAIN not in welcome(office, "person5@customer2.example")


def test_the_end_users_of_a_deal_did_not_choose_the_product(office: Any) -> None:
    office.contact(1, role="End User")
    office.deal(1)
    office.account(1)
    office.run()
    assert SOLD_AGAIN in welcome(office, "person1@customer1.example")
