"""A further deal of an old customer: no unrequested welcome, nothing lost, and the person who decides is told how."""

import json

import pytest

from tasks.commands import onboardings

ACME, DEAL = "001-0001", "006-0001"


@pytest.fixture
def addon(office):
    """Add an add-on deal won today by a customer of three years."""
    office.customer(Type="Existing Customer - Upgrade")
    office.deal(7, account=1, signed="2023-02-01", Type="New Customer")
    return office


@pytest.mark.slow
def test_nothing_is_sent_and_a_person_is_asked_once(addon):
    found = addon.run()
    assert (found.deals.opened, found.deals.adopted, found.deals.set_aside) == (1, 0, ())
    for at in ("2026-03-03T10:00", "2026-03-09T10:00", "2026-04-13T10:00"):
        addon.run(at)
    assert addon.mails == []
    (post,) = addon.told("#managers", "waits for a decision")
    told = json.dumps(post, ensure_ascii=False)
    for part in ("Customer 1", "its Type is Existing Customer - Upgrade", f"first90 adopt {DEAL}", "--welcome"):
        assert part in told
    assert f"first90 adopt {DEAL} --welcome" in addon.status()["blocked"]


@pytest.mark.slow
@pytest.mark.parametrize("deal", [{"Type": "Renewal"}, {}])
def test_either_the_deal_or_an_earlier_one_says_so(office, deal):
    office.customer(**deal)
    if not deal:
        office.deal(7, account=1, signed="2023-02-01")
    office.run()
    assert office.mails == []


@pytest.mark.slow
def test_taken_over_it_is_not_welcomed_and_later_steps_are_sent(addon):
    addon.run()
    addon.order(onboardings.adopt, [ACME], welcome=False, on="2026-03-03T10:00")
    addon.run("2026-03-03T11:00")
    assert addon.mails == []
    assert addon.status()["adopted"] is True
    assert addon.status()["blocked"] is None
    addon.run("2026-04-01T10:00")
    assert "check_in_30" in addon.sent_kinds


@pytest.mark.slow
def test_welcomed_by_a_person_it_begins_like_a_new_customers(addon):
    addon.run()
    addon.order(onboardings.adopt, [ACME], welcome=True, on="2026-03-03T10:00")
    addon.run("2026-03-03T11:00")
    addon.run("2026-03-04T10:00")
    assert addon.sent_kinds == ["welcome", "kickoff_invitation"]
    assert addon.status()["adopted"] is False


@pytest.mark.slow
def test_what_the_mails_say_of_the_customer_is_true_of_old_ones_too(addon):
    addon.run()
    addon.order(onboardings.adopt, [ACME], welcome=True, on="2026-03-03T10:00")
    addon.run("2026-03-03T11:00")
    for mail in addon.mails:
        said = mail.get_body(("plain",)).get_content()
        assert "Customer 1 is our customer" in said
        assert "has become" not in said


RATES = "IsoCode,ConversionRate,DecimalPlaces,IsActive,IsCorporate\nEUR,1,2,true,true\nJPY,160,0,true,false\n"
DATED = "IsoCode,StartDate,NextStartDate,ConversionRate\nJPY,2020-01-01,2026-01-01,120\nJPY,2026-01-01,9999-12-31,100\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("amount", "currency", "files", "tier"),
    [
        ("20000", "", {}, "mid"),
        ("1200000", "JPY", {"CurrencyType.csv": RATES}, "tech"),
        ("12000000", "JPY", {"CurrencyType.csv": RATES}, "mid"),
        ("12000000", "JPY", {"CurrencyType.csv": RATES, "DatedConversionRate.csv": DATED}, "high"),
        ("20000", "eur", {"CurrencyType.csv": RATES}, "mid"),
        ("20000", "SEK", {"CurrencyType.csv": RATES}, None),
        ("1200000", "JPY", {}, None),
        ("20000", "EUR", {"CurrencyType.csv": RATES.replace("1,2,true,true", "0,2,true,true")}, None),
    ],
)
def test_an_amount_counts_with_its_currency(office, amount, currency, files, tier):
    office.customer(Amount=amount, CurrencyIsoCode=currency)
    office.write()
    for name, content in files.items():
        (office.folder / name).write_text(content, "utf-8")
    office.run()
    if tier is not None:
        assert office.status()["tier"] == tier
        assert "welcome" in office.sent_kinds
        return
    assert office.mails == []
    assert f"{int(amount):,} {currency}" in office.status()["blocked"]
    assert len(office.told("#managers", f"{currency}; choose it with `first90 retier {DEAL}")) == 1


@pytest.mark.slow
def test_a_tier_chosen_by_a_person_lets_it_begin(office):
    office.customer(Amount="1200000", CurrencyIsoCode="JPY")
    office.run()
    office.order(onboardings.retier, ACME, "high", reason="a key customer", on="2026-03-02T11:00")
    office.run("2026-03-02T12:00")
    assert office.status()["tier"] == "high"
    assert office.status()["blocked"] is None
    assert "welcome" in office.sent_kinds


@pytest.mark.slow
def test_a_rate_that_comes_later_lets_it_begin(office):
    office.customer(Amount="12000000", CurrencyIsoCode="JPY")
    office.run()
    assert office.mails == []
    (office.folder / "CurrencyType.csv").write_text(RATES, "utf-8")
    office.run("2026-03-02T12:00")
    assert office.status()["tier"] == "mid"
    assert "welcome" in office.sent_kinds


def test_seats_that_decide_need_no_amount(office):
    office.customer(Amount="1200000", CurrencyIsoCode="JPY", First90_Seats__c="900")
    office.run()
    assert office.status()["tier"] == "high"
    assert "welcome" in office.sent_kinds
