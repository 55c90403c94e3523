"""``first90 reconcile``: what it prints, what it leaves alone, and its exit codes."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

First90 = Callable[..., Any]
FILE = "Onboarding__c.csv"


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def spoil(folder: Path) -> str:
    """Change a field of ours in the CRM as a person; return the row's key."""
    found = rows(folder)
    found[0]["Stage__c"] = "elsewhere"
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return found[0]["First90_Key__c"]


@pytest.mark.slow
def test_drift_is_told_and_nothing_is_changed(home: Path, first90: First90) -> None:
    key = spoil(home / "crm")
    before = (home / "crm" / FILE).read_bytes()
    told = first90("reconcile", "--json")
    assert told.code == 0
    (one,) = [one for one in told.json["differences"] if one["field"] == "Stage__c"]
    assert (one["key"], one["side"], one["mend"], one["theirs"]) == (key, "theirs", "write", "elsewhere")
    assert "changed there" in first90("reconcile").out
    assert (home / "crm" / FILE).read_bytes() == before
    assert first90("reconcile", "--json").json["differences"] == told.json["differences"]


def test_a_fix_is_written_at_the_next_delivery(home: Path, first90: First90) -> None:
    key = spoil(home / "crm")
    fixed = first90("reconcile", "--fix", "--by", "jo@example.com", "--json")
    assert (fixed.code, fixed.json["queued"] >= 1) == (0, True)
    owed = first90("effects", key, "--channel", "crm", "--state", "planned", "--json").json
    assert key in {effect["recipient"] for effect in owed}


def test_a_crm_that_cannot_be_read_is_one_clear_line(home: Path, first90: First90) -> None:
    path = home / "crm" / FILE
    path.write_text(path.read_text("utf-8") + 'x,"a\n', "utf-8")
    told = first90("reconcile")
    assert (told.code, told.out) == (1, "")
    assert FILE in told.err
