"""The transfer from the onboarding specialist to the CSM, from the CRM's field to both colleagues and the CRM row;
killed at any moment, one or the other is accountable, and both are told once (RO-3)."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.examples import some
from tests.reliability.killing import Boundaries, Boundary, Killed, forked
from tests.tasks.conftest import MONDAY, Office, ident

SPECIALIST, CSM = "sven@vendor.example", "csm@vendor.example"
BEFORE, AFTER = MONDAY + timedelta(days=85), MONDAY + timedelta(days=91)


@pytest.fixture
def led(office: Office) -> Office:
    """One high-touch customer whose onboarding specialist a field of the CRM names, shortly before the transfer."""
    london = {"TimeZoneSidKey": "Europe/London", "CountryCode": "GB"}
    office.user(5, Name="Sven Specialist", Email=SPECIALIST, ManagerId="005-0003", **london)
    office.customer(Amount="900000")
    office.change("001-0001", First90_CSM__c="005-0002", First90_Tier__c="high")
    office.change("001-0001", First90_Onboarding_Specialist__c="005-0005")
    office.run()
    office.run(BEFORE)
    return office


def told(office: Office) -> list[str]:
    return sorted(one["recipient"] for one in office.effects(kind="owner_change") if one["state"] != "cancelled")


@pytest.mark.slow
def test_the_field_of_the_crm_names_who_leads_and_the_transfer_is_told_to_both(led: Office) -> None:
    assert led.status()["owner"] == SPECIALIST
    assert led.crm()[ident("006", 1)]["Owner_Email__c"] == SPECIALIST
    led.run(AFTER)
    assert led.status()["owner"] == CSM
    assert len(told(led)) == 2
    led.run(AFTER + timedelta(hours=1))
    assert led.crm()[ident("006", 1)]["Owner_Email__c"] == CSM
    assert [line for line in led.journal() if line.startswith("owner ")][-1].count("Sven Specialist") == 1
    assert len(told(led)) == 2


@pytest.mark.slow
def test_a_change_of_the_field_wakes_the_onboarding(led: Office) -> None:
    led.change("001-0001", First90_Onboarding_Specialist__c="005-0003")
    led.run(BEFORE + timedelta(hours=1))
    assert led.status()["owner"] == "manager@vendor.example"


@pytest.mark.slow
def test_killed_at_any_moment_one_or_the_other_is_accountable(led: Office, tmp_path: Path) -> None:
    led.write()
    led.shut()
    kept = shutil.copytree(led.home, tmp_path / "kept")

    def work(kill_at: int) -> list[Boundary]:
        with led.context() as context:
            boundaries = Boundaries(kill_at)
            boundaries.watch(context.database.engine, led.home)
            led.cycle(context, AFTER)
            return boundaries.passed

    writes = [one for one in forked(lambda: work(0)) if "COMMIT" in one.name or "UPDATE" in one.name]
    seen: set[str] = set()
    for point in some(writes[:: max(1, len(writes) // 25)]):
        led.shut()
        shutil.rmtree(led.home)
        shutil.copytree(kept, led.home)
        with pytest.raises(Killed):
            forked(lambda number=point.number: work(number))
        owner, due = led.status()["owner"], led.milestones()["owner_transferred"]["status"]
        assert (owner, due) in ((SPECIALIST, "open"), (CSM, "done")), f"killed {point}: neither"
        seen.add(owner)
        led.run(AFTER + timedelta(hours=2))
        assert led.status()["owner"] == CSM
        assert len(told(led)) == 2, f"killed {point}"
    assert seen == {SPECIALIST, CSM}
