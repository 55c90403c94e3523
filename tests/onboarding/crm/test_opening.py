"""Intake of won deals, above all of those of existing customers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.company.mapping import load_mapping
from integrations.crm import records
from integrations.crm.cells import Cells
from onboarding.crm.opening import Begun, Customers, Intake, sort_deals
from onboarding.model.crm_records import CrmDeal
from onboarding.model.parties import Account

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
INTAKE = Intake(since=NOW - timedelta(days=180), fresh_days=7)
OLD = datetime(2023, 2, 1, tzinfo=UTC)


def deal(number: int = 1, **more: Any) -> CrmDeal:
    signed = more.pop("signed_at", NOW - timedelta(days=1))
    given = {"id": f"006-{number}", "account_id": "001-1", "name": f"Deal {number}", "won": True, "stage_name": ""}
    return CrmDeal(**(given | more), signed_at=signed, close_on=signed.date())


@pytest.mark.parametrize(
    ("then", "latest", "verdict", "key"),
    [
        ("ask", {}, "ask", "006-1"),
        ("ask", {"001-1": "006-9"}, "ask", "006-1"),
        ("adopt", {}, "adopt", "006-1"),
        ("extend", {"001-1": "006-9"}, "extend", "006-9"),
        ("extend", {}, "adopt", "006-1"),
        ("open", {}, "open", "006-1"),
    ],
)
def test_the_rule_says_what_becomes_of_an_old_customer(then: Any, latest: Any, verdict: str, key: str) -> None:
    for customers, given in (
        (Customers(earlier={"001-1": [(OLD, "First contract")]}, latest=latest, then=then), deal()),
        (Customers(latest=latest, then=then), deal(existing="its Type is Renewal")),
    ):
        (found,) = sort_deals([given], {}, customers, INTAKE, NOW)
        assert (found.decision, found.onboarding_key) == (verdict, key)
        if verdict != "open":
            assert "the account was a customer before" in found.because


def test_a_live_onboarding_is_extended_whatever_the_deal_says() -> None:
    live = {"001-1": Begun("006-9", OLD)}
    (found,) = sort_deals([deal(existing="its Type is Renewal")], live, Customers(), INTAKE, NOW)
    assert (found.decision, found.onboarding_key) == ("extend", "006-9")


@pytest.mark.parametrize(
    ("began", "left_on", "keys"),
    [
        (NOW - timedelta(days=50), NOW - timedelta(days=20), ["006-1", "006-1"]),
        (NOW - timedelta(days=50), NOW - timedelta(days=1), ["006-9", "006-2"]),
        (NOW - timedelta(days=50), NOW + timedelta(days=5), ["006-9", "006-9"]),
        (NOW - timedelta(days=5), NOW - timedelta(days=20), ["006-9", "006-9"]),
        (None, NOW - timedelta(days=1), ["006-1", "006-2"]),
        (None, NOW - timedelta(days=20), ["006-1", "006-1"]),
    ],
)
def test_a_deal_signed_after_the_customer_left_extends_nothing_that_ended(
    began: datetime | None, left_on: datetime, keys: list[str]
) -> None:
    deals = [deal(signed_at=NOW - timedelta(days=2)), deal(2, signed_at=NOW)]
    live = {"001-1": Begun("006-9", began)} if began else {}
    account = Account(id="001-1", name="Acme", churned_on=left_on.date())
    found = sort_deals(deals, live, Customers(accounts={"001-1": account}), INTAKE, NOW)
    assert [one.onboarding_key for one in found] == keys


def test_only_what_was_signed_before_makes_an_old_customer() -> None:
    same_day = deal().signed_at
    customers = Customers(earlier={"001-1": [(same_day, "Deal 1"), (NOW, "Deal 2")], "001-2": [(OLD, "Other")]})
    (found,) = sort_deals([deal()], {}, customers, INTAKE, NOW)
    assert found.decision == "open"


def test_of_several_new_deals_of_an_old_customer_one_is_asked_about() -> None:
    customers = Customers(earlier={"001-1": [(OLD, "First contract"), (deal().signed_at, "Deal 1")]})
    found = sort_deals([deal(), deal(2, signed_at=NOW)], {}, customers, INTAKE, NOW)
    assert [(one.decision, one.onboarding_key) for one in found] == [("ask", "006-1"), ("extend", "006-1")]


def test_a_deal_first_seen_late_is_adopted_and_says_that_its_customer_is_an_old_one() -> None:
    customers = Customers(earlier={"001-1": [(OLD, "First contract")]})
    (found,) = sort_deals([deal(signed_at=NOW - timedelta(days=60))], {}, customers, INTAKE, NOW)
    assert found.decision == "adopt"
    assert "first seen 60 days after its signature" in found.because
    assert "'First contract' was signed on 2023-02-01" in found.because


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        *((kind, True) for kind in ("Existing Customer - Upgrade", "Existing Customer - Replacement")),
        *((kind, True) for kind in ("Existing Customer - Downgrade", "renewal", " Add-On ", "Existing Business")),
        *((kind, False) for kind in ("New Customer", "New Business", "", "Renewable energy")),
    ],
)
def test_the_type_of_a_deal_tells_old_customers(kind: str, known: bool) -> None:
    row = {"id": "006-1", "accountid": "001-1", "name": "D", "closedate": "2026-03-02", "iswon": "true", "type": kind}
    found = records.deal(Cells(row), load_mapping())
    assert found.existing == (f"its Type is {kind.strip()}" if known else None)
