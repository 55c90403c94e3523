"""A person who joins later, by each way in, gets the catch-up once, over both databases (SH-6)."""

from typing import Any

import pytest

from tasks.commands.erasure import forget
from tasks.commands.facts import record_stakeholder
from tasks.commands.onboardings import hold, resume

TUESDAY, WEDNESDAY, FRIDAY = "2026-03-03T10:00", "2026-03-04T10:00", "2026-03-06T10:00"
SUBJECT = "where we are, and what concerns you"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def opened(request: pytest.FixtureRequest, office: Any, new_database_url: Any) -> Any:
    """One customer with a champion and a sponsor, welcomed, over either database."""
    office.setenv("FIRST90_DATABASE_URL", new_database_url(request.param))
    office.customer()
    office.contact(2, role="Executive Sponsor")
    office.run()
    assert office.states("welcome") == ["sent"]
    return office


def caught_up(office: Any) -> list[str]:
    return sorted(str(mail["To"]) for mail in office.mails if mail["Subject"].endswith(SUBJECT))


def text_of(office: Any) -> str:
    (mail,) = [one for one in office.mails if one["Subject"].endswith(SUBJECT)]
    return " ".join(mail.get_body(("plain",)).get_content().split())


@pytest.mark.slow
def test_the_first_people_get_none(opened: Any) -> None:
    for day in (TUESDAY, WEDNESDAY, FRIDAY):
        opened.run(day)
    assert caught_up(opened) == []


@pytest.mark.slow
def test_a_contact_role_that_is_added_gets_one_that_says_where_things_stand(opened: Any) -> None:
    opened.contact(3, role="IT Security")
    opened.run(TUESDAY)
    opened.run(WEDNESDAY)
    assert caught_up(opened) == ["Person 3 <person3@customer1.example>"]
    text = text_of(opened)
    assert "You have joined while we are under way" in text
    assert "Person 1, on your side, the project champion" in text
    assert "Person 2, on your side" in text
    assert "Person 3, on your side" not in text, "the reader knows who they are"
    assert opened.inbox("person3@customer1.example") == ["catch_up"]


@pytest.mark.slow
def test_who_is_recorded_gets_one_and_who_is_a_contact_afterwards_no_second(opened: Any) -> None:
    opened.report(record_stakeholder, "person4@customer1.example", "manager", on=TUESDAY)
    opened.run("2026-03-03T11:00")
    assert len(caught_up(opened)) == 1
    opened.contact(4, role="Manager")
    opened.run(WEDNESDAY)
    opened.run(FRIDAY)
    assert len(caught_up(opened)) == 1


@pytest.mark.slow
def test_an_export_that_lacks_the_roles_once_makes_nobody_new(opened: Any) -> None:
    roles, opened.tables["OpportunityContactRole.csv"] = opened.tables["OpportunityContactRole.csv"], []
    opened.run(TUESDAY)
    opened.tables["OpportunityContactRole.csv"] = roles
    opened.run(WEDNESDAY)
    opened.run(FRIDAY)
    assert caught_up(opened) == []


@pytest.mark.slow
def test_a_role_spelt_otherwise_makes_nobody_new(opened: Any) -> None:
    for row in opened.tables["OpportunityContactRole.csv"]:
        row["Role"] = {"Executive Sponsor": "Economic Buyer"}.get(row["Role"], row["Role"])
    opened.run(TUESDAY)
    opened.run(WEDNESDAY)
    assert caught_up(opened) == []


@pytest.mark.slow
def test_on_hold_and_after_being_forgotten_there_is_none(opened: Any) -> None:
    opened.order(hold, "001-0001", reason="merger", until=None, resume="shift", on="2026-03-02T12:00")
    opened.contact(3, role="IT Security")
    opened.run(TUESDAY)
    assert caught_up(opened) == []
    opened.order(forget, "person3@customer1.example", reason="asked to", on=TUESDAY)
    opened.order(resume, "001-0001", on="2026-03-03T12:00")
    opened.run(WEDNESDAY)
    assert caught_up(opened) == []
