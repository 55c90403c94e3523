"""Amounts of an org with several currencies are converted by the org's own rates, as those of a folder are."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from config.company.mapping import CrmMapping
from integrations.salesforce.org import SalesforceOrg
from onboarding.model.crm_records import CrmDeal
from tests.integrations.salesforce.conftest import OpenOrg
from tests.integrations.salesforce.customers import Customers
from tests.salesforce_fixtures import Sandbox

Several = Callable[..., Sandbox]


@pytest.fixture
def several(new_sandbox: Callable[..., Sandbox]) -> Several:
    """Makes an org with the euro as corporate currency; ``dated``: with dated rates."""

    def make(*, dated: bool = True) -> Sandbox:
        sandbox = new_sandbox(currencies="dated" if dated else "fixed")
        for code, rate in (("EUR", 1.0), ("USD", 1.25), ("JPY", 100.0)):
            values = {"IsoCode": code, "ConversionRate": rate, "IsCorporate": code == "EUR"}
            sandbox.others.create("CurrencyType", values)
        for code, since, rate in (("USD", date(2026, 2, 1), 1.6), ("USD", date(2026, 3, 3), 2.0)) if dated else ():
            sandbox.others.create("DatedConversionRate", {"IsoCode": code, "StartDate": since, "ConversionRate": rate})
        return sandbox

    return make


def opened(sandbox: Sandbox, open_org: OpenOrg, mapping: CrmMapping, **currencies: Any) -> SalesforceOrg:
    own = replace_currencies(mapping, **currencies)
    return open_org(mapping=own, choice={"login": sandbox.login("session")})


def replace_currencies(mapping: CrmMapping, **currencies: Any) -> CrmMapping:
    return mapping.model_copy(update={"currencies": mapping.currencies.model_copy(update=currencies)})


def deals(org: SalesforceOrg, cursor: str | None = None) -> dict[str, CrmDeal]:
    return {deal.id: deal for deal in org.read(cursor).deals}


@pytest.mark.parametrize(
    ("code", "on", "worth", "price"),
    [
        ("EUR", date(2026, 3, 2), 800.0, None),
        ("USD", date(2026, 3, 2), 500.0, "800 USD"),
        ("USD", date(2026, 3, 3), 400.0, "800 USD"),
        ("USD", date(2026, 1, 2), 640.0, "800 USD"),
        ("JPY", date(2026, 3, 2), 8.0, "800 JPY"),
        ("GBP", date(2026, 3, 2), None, "800 GBP"),
    ],
)
def test_the_rate_of_the_close_date_goes_before_the_fixed_one(
    several: Several,
    open_org: OpenOrg,
    mapping: CrmMapping,
    code: str,
    on: date,
    worth: float | None,
    price: str | None,
) -> None:
    sandbox = several()
    customers = Customers(sandbox)
    deal = customers.deal(customers.account(), Amount=800.0, CurrencyIsoCode=code, CloseDate=on)
    found = deals(opened(sandbox, open_org, mapping))[deal]
    assert (found.amount, found.price) == (worth, price)


def test_an_org_without_rates_by_day_uses_the_fixed_ones_and_the_mapping_goes_before(
    several: Several, open_org: OpenOrg, mapping: CrmMapping
) -> None:
    sandbox = several(dated=False)
    customers = Customers(sandbox)
    account = customers.account()
    dollars = customers.deal(account, Amount=800.0, CurrencyIsoCode="USD")
    yen = customers.deal(account, Amount=800.0, CurrencyIsoCode="JPY")
    batch = opened(sandbox, open_org, mapping, rates={"JPY": 160.0}).read(None)
    assert batch.problems == ()
    assert {deal.id: deal.amount for deal in batch.deals} == {dollars: 640.0, yen: 5.0}


def test_rates_that_the_user_may_not_read_leave_the_mapping_or_a_person(
    several: Several, open_org: OpenOrg, mapping: CrmMapping
) -> None:
    sandbox = several()
    sandbox.org.rights.missing |= {"CurrencyType", "DatedConversionRate"}
    customers = Customers(sandbox)
    account = customers.account()
    dollars = customers.deal(account, Amount=800.0, CurrencyIsoCode="USD")
    pounds = customers.deal(account, Amount=800.0, CurrencyIsoCode="GBP")
    batch = opened(sandbox, open_org, mapping, own="EUR", rates={"GBP": 0.8}).read(None)
    assert [(one.source, one.record) for one in batch.problems] == [("CurrencyType", "")]
    assert "under currencies in config/mapping.yaml" in batch.problems[0].problem
    assert {deal.id: (deal.amount, deal.price) for deal in batch.deals} == {
        dollars: (None, "800 USD"),
        pounds: (1000.0, "800 GBP"),
    }


def test_a_deal_that_changed_is_worth_the_same_as_in_a_whole_read(
    several: Several, open_org: OpenOrg, mapping: CrmMapping
) -> None:
    sandbox = several()
    customers = Customers(sandbox)
    deal = customers.deal(customers.account(), Amount=800.0, CurrencyIsoCode="USD")
    org = opened(sandbox, open_org, mapping)
    cursor = org.read(None).cursor
    before = len(sandbox.calls.calls)
    assert org.read(cursor).unchanged
    assert not any("FROM Currency" in str(call) for call in sandbox.calls.calls[before:]), "asked where a deal changed"
    sandbox.others.edit("Opportunity", deal, Amount=1600.0)
    assert deals(org, cursor)[deal].amount == 1000.0


def test_a_rate_that_cannot_be_read_is_set_aside_and_the_others_count(
    several: Several, open_org: OpenOrg, mapping: CrmMapping
) -> None:
    sandbox = several()
    broken = sandbox.others.create("CurrencyType", {"IsoCode": "CHF", "ConversionRate": 0.0, "IsCorporate": False})
    customers = Customers(sandbox)
    customers.deal(customers.account(), Amount=800.0, CurrencyIsoCode="USD")
    batch = opened(sandbox, open_org, mapping).read(None)
    assert [(one.source, one.record, one.field) for one in batch.problems] == [
        ("CurrencyType", broken, "ConversionRate")
    ]
    assert [one.amount for one in batch.deals] == [500.0]


def test_an_org_with_one_currency_is_asked_for_no_rates(
    sandbox: Sandbox, open_org: OpenOrg, mapping: CrmMapping
) -> None:
    customers = Customers(sandbox)
    customers.deal(customers.account(), Amount=800.0)
    batch = open_org().read(None)
    assert [(one.amount, one.price) for one in batch.deals] == [(800.0, None)]
    assert batch.problems == ()
    assert not any("Currency" in str(call) for call in sandbox.calls.calls)
