"""The digest of change over days of real runs: a hold neither repeats what was told nor hides what was done in it."""

from datetime import date, timedelta
from typing import Any

import pytest

from tasks.commands import absences, onboardings
from tasks.commands.absences import Leave

CSM, BACKUP = "csm@vendor.example", "bea@vendor.example"
MONDAY = date(2026, 3, 2)
WORK = "technical requirements documentation"


def digests(office: Any, *days: int) -> list[str]:
    """Run in the morning of these days; return the lines about the first customer in their digests."""
    before = len(office.told(CSM, "Onboarding on"))
    for day in days:
        office.run(f"{MONDAY + timedelta(days=day)}T10:00")
    found = office.told(CSM, "Onboarding on")[before:]
    lines = "\n".join(block["text"]["text"] for post in found for block in post["blocks"] if block["type"] == "section")
    return [line for line in lines.splitlines() if "Customer 1:" in line]


@pytest.mark.slow
def test_a_hold_repeats_no_work_in_the_digest_and_what_was_done_in_it_is_told_after_it(office: Any) -> None:
    for number in (1, 2):
        office.customer(number)
    office.change("006-0001", First90_Kickoff_At__c="2026-03-05T14:00:00Z")
    digests(office, 0)
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        office.done(name, on="2026-03-05T15:00")
    told = digests(office, 4, 7, 8, 9, 10, 11)
    assert sum(WORK in line for line in told) == 1, told
    hold = {"reason": "a freeze", "until": None, "resume": "catch-up"}
    office.order(onboardings.hold, "001-0001", on="2026-03-13T11:00", **hold)
    assert digests(office, 14, 15) == []
    office.order(onboardings.resume, "001-0001", on="2026-03-17T11:00")
    assert not any(WORK in line for line in digests(office, 16)), "it is late as before"
    office.order(onboardings.hold, "001-0001", on="2026-03-18T11:00", **hold)
    digests(office, 17)
    office.done("requirements_documented", on="2026-03-19T12:00")
    assert digests(office, 18, 21, 28, 35) == []
    office.order(onboardings.resume, "001-0001", on="2026-04-07T09:30")
    (done,) = [line for line in digests(office, 36) if WORK in line]
    assert "Done: " in done


@pytest.mark.slow
@pytest.mark.parametrize("done", [False, True])
def test_after_an_absence_nothing_is_told_again_and_what_was_done_meanwhile_is(office: Any, done: bool) -> None:
    london = {"TimeZoneSidKey": "Europe/London", "CountryCode": "GB"}
    office.user(5, Name="Bea Backup", Email=BACKUP, **london)
    office.customer()
    office.change("001-0001", First90_CSM__c="005-0002")
    office.change("006-0001", First90_Kickoff_At__c="2026-03-05T14:00:00Z")
    digests(office, 0)
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        office.done(name, on="2026-03-05T15:00")
    told = digests(office, 4, 7, 8, 9, 10, 11)
    assert sum(WORK in line for line in told) == 1, told
    leave = Leave(since=date(2026, 3, 16), until=date(2026, 3, 19), backup=BACKUP)
    office.order(absences.go_away, CSM, leave, on="2026-03-13T16:00")
    assert digests(office, 14, 15) == []
    assert any(WORK in str(post) for post in office.told(BACKUP, "Onboarding on")), "it waits for the backup"
    if done:
        office.done("requirements_documented", on="2026-03-18T09:00")
    back = [line for line in digests(office, 16, 17) if WORK in line]
    assert [line.partition("Done: ")[1] for line in back] == (["Done: "] if done else [])
