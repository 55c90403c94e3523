"""The first customers of a tier, whose mails are drafts: they are counted by the tier that holds."""

from pathlib import Path

import pytest

from config.settings.load import PROJECT
from tasks.commands import onboardings
from tests.tasks.conftest import Office

RULE = """first_drafts:
  customers: 1
  steps: [welcome]
  draft: {wait_hours: 24, then: drop, source: ours}
  source: ours
stages:
"""
ASSUMED = "tech"
"""The tier of a deal whose amount nobody can tell."""
YEN = {"Amount": "1200000", "CurrencyIsoCode": "JPY"}
RATES = "IsoCode,ConversionRate,DecimalPlaces,IsActive,IsCorporate\nEUR,1,2,true,true\nJPY,160,0,true,false\n"


@pytest.fixture
def first_ones(office: Office, tmp_path: Path) -> Office:
    """A company that looks at the welcome of the first customer of each tier."""
    folder = tmp_path / "playbooks"
    folder.mkdir()
    for file in (PROJECT / "config" / "playbooks").iterdir():
        text = file.read_text("utf-8")
        (folder / file.name).write_text(text.replace("\nstages:\n", f"\n{RULE}") if file.suffix == ".yaml" else text)
    office.setenv("FIRST90_PLAYBOOKS", str(folder))
    return office


def welcomes(office: Office) -> dict[str, str]:
    """Return the state of the welcome to each customer's champion."""
    lines = office.effects(kind="welcome", channel="mail")
    return {line["recipient"].partition("@")[2].partition(".")[0]: line["state"] for line in lines}


@pytest.mark.slow
def test_a_tier_that_is_only_assumed_counts_for_nobody(first_ones: Office) -> None:
    first_ones.customer(1, **YEN)
    first_ones.run()
    first_ones.customer(2, Amount="5000")
    first_ones.run("2026-03-02T11:00")
    assert welcomes(first_ones) == {"customer2": "withheld"}, "the first whose tier is known"
    first_ones.order(onboardings.retier, "001-0001", ASSUMED, reason="small", on="2026-03-02T12:00")
    first_ones.run("2026-03-02T13:00")
    assert welcomes(first_ones) == {"customer1": "sent", "customer2": "withheld"}, "the second of its tier"


@pytest.mark.slow
@pytest.mark.parametrize("to", ["high", ASSUMED])
def test_it_is_decided_by_the_tier_that_a_person_chooses(first_ones: Office, to: str) -> None:
    first_ones.customer(1, **YEN)
    first_ones.run()
    first_ones.order(onboardings.retier, "001-0001", to, reason="we know them", on="2026-03-02T11:00")
    first_ones.run("2026-03-02T12:00")
    assert welcomes(first_ones) == {"customer1": "withheld"}


@pytest.mark.slow
@pytest.mark.parametrize("to", ["", "high"])
def test_it_is_decided_by_the_tier_that_a_rate_or_the_crm_decides(first_ones: Office, to: str) -> None:
    first_ones.customer(1, **YEN)
    first_ones.run()
    first_ones.change("001-0001", First90_Tier__c=to)
    first_ones.write()
    if not to:
        (first_ones.folder / "CurrencyType.csv").write_text(RATES, "utf-8")
    first_ones.run("2026-03-02T12:00")
    assert welcomes(first_ones) == {"customer1": "withheld"}


@pytest.mark.slow
def test_adopted_as_it_is_it_keeps_the_assumed_tier(first_ones: Office) -> None:
    first_ones.customer(1, **YEN)
    first_ones.run()
    first_ones.order(onboardings.adopt, ["001-0001"], welcome=True, on="2026-03-02T11:00")
    first_ones.run("2026-03-02T12:00")
    assert welcomes(first_ones) == {"customer1": "withheld"}


@pytest.mark.slow
def test_a_move_to_another_tier_counts_there_and_not_by_the_tier_before(first_ones: Office) -> None:
    first_ones.customer(1)
    first_ones.customer(2, Amount="900000")
    first_ones.run("2026-03-02T03:00")
    first_ones.order(onboardings.retier, "001-0001", "high", reason="we know them", on="2026-03-02T03:10")
    first_ones.run("2026-03-02T10:00")
    assert welcomes(first_ones) == {"customer1": "sent", "customer2": "withheld"}, "it is the second of the new tier"
