"""A customer that left and came back: one onboarding each time, and only the last one is under way."""

import json

import pytest

from tasks.commands import onboardings
from tasks.reporting.portfolio import Question, read_portfolio
from tasks.views.picture import picture_of, with_history
from tests.tasks.conftest import moment

ACME, AGAIN = "001-0001", "006-0007"


@pytest.fixture
def gone(office):
    """A customer that signed on 2 March and left on 20 March."""
    office.customer()
    office.run()
    office.change(ACME, First90_Churned_On__c="2026-03-20")
    return office


def statuses(office):
    return {line["deal_id"]: line["status"] for line in office.lines()}


def signs_again(office):
    office.deal(7, account=1, signed="2026-05-04")
    office.role(1, "Champion", deal=7)


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["2026-03-20", ""])
def test_the_new_onboarding_lives_and_the_old_one_stays_churned(gone, kept):
    gone.run("2026-03-23T10:00")
    signs_again(gone)
    gone.change(ACME, First90_Churned_On__c=kept)
    gone.run("2026-05-04T10:00")
    assert statuses(gone) == {"006-0001": "churned", AGAIN: "active"}
    gone.order(onboardings.adopt, [AGAIN], welcome=True, on="2026-05-04T11:00")
    before = len(gone.mails)
    for at in ("2026-05-04T12:00", "2026-05-11T12:00"):
        gone.run(at)
    assert statuses(gone) == {"006-0001": "churned", AGAIN: "active"}
    new = [mail["X-First90-Effect"] for mail in gone.mails[before:]]
    assert {key.split(":")[0] for key in new} == {AGAIN}
    assert gone.crm()["006-0001"]["Status__c"] == "churned"


@pytest.mark.slow
def test_a_date_and_a_deal_that_come_together_lose_nobody(gone):
    signs_again(gone)
    gone.run("2026-05-04T10:00")
    assert statuses(gone) == {"006-0001": "churned", AGAIN: "active"}
    told = json.dumps(gone.told("#managers", "waits for a decision"), ensure_ascii=False)
    assert f"first90 adopt {AGAIN}" in told


@pytest.mark.slow
def test_one_that_leaves_again_ends_both(gone):
    gone.run("2026-03-23T10:00")
    signs_again(gone)
    gone.run("2026-05-04T10:00")
    gone.change(ACME, First90_Churned_On__c="2026-05-20")
    gone.run("2026-05-20T10:00")
    assert set(statuses(gone).values()) == {"churned"}


@pytest.mark.slow
def test_a_date_that_was_a_mistake_and_is_taken_back_brings_the_onboarding_back(gone):
    gone.run("2026-03-23T10:00")
    assert statuses(gone) == {"006-0001": "churned"}
    gone.change(ACME, First90_Churned_On__c="")
    gone.run("2026-03-24T10:00")
    assert statuses(gone) == {"006-0001": "active"}


@pytest.mark.slow
def test_what_is_used_after_the_return_counts_in_the_new_onboarding_alone(gone):
    gone.event("login", "2026-03-04T09:00:00Z", user="ann@customer1.example")
    gone.run("2026-03-23T10:00")
    signs_again(gone)
    for user in ("ann@customer1.example", "ben@customer1.example"):
        gone.event("content_shared", "2026-05-08T09:00:00Z", user=user, role="manager")
    gone.run("2026-05-12T10:00")
    with gone.context() as context:
        found = read_portfolio(context.database, Question(as_of=moment("2026-05-12T12:00")))
        with context.database.reading() as conn:
            old, new = (
                with_history(conn, picture_of(conn, key, moment("2026-05-12T12:00"))) for key in ("006-0001", AGAIN)
            )
    assert [use.name for use in old.case.usage.signals] == ["login"]
    assert [use.name for use in new.case.usage.signals] == ["content_shared"]
    assert {one.deal_id: one.activated_at is not None for one in found.accounts} == {"006-0001": False, AGAIN: True}
    assert (found.metric("activation_rate").estimate.n, found.metric("activation_rate").estimate.of) == (1, 2)
    used = [{one.user: one.roles for one in picture.users if one.first_use_at} for picture in (old, new)]
    assert used == [
        {"ann@customer1.example": ()},
        {"ann@customer1.example": ("manager",), "ben@customer1.example": ("manager",)},
    ]
