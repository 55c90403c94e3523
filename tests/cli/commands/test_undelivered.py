"""``status`` prints what does not leave, and why, before all else."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from database.channels import breakers
from database.opening import open_database
from database.tables import EffectRow, JournalRow

First90 = Callable[..., Any]


def test_status_names_a_channel_that_is_down_and_counts_what_waits_for_a_person(first90: First90, home: Path) -> None:
    quiet = first90("status").out
    assert "Undelivered" not in quiet
    assert "is down" not in quiet
    database = open_database(f"sqlite:///{home / 'first90.db'}", create=False)
    with database.writing() as conn:
        told = "the token was refused; correct FIRST90_MAIL_TOKEN"
        breakers.failed(conn, "mail", 1, datetime(2026, 3, 4, 9, tzinfo=UTC), told, needs_person=True)
        conn.execute(update(EffectRow).where(EffectRow.kind == "welcome").values(state="dead", error="no such mailbox"))
    database.close()
    said = first90("status")
    shown = " ".join(said.out.split())
    assert "mail is down since 04 Mar 09:00 UTC: the token was refused; correct FIRST90_MAIL_TOKEN" in shown
    assert "dead; first90 effects --state dead" in shown
    assert isinstance(first90("status", "--json").json, list)


def die(home: Path, **errors: str) -> None:
    """Make rows of these CRM objects dead letters with these errors, as under an older rule."""
    database = open_database(f"sqlite:///{home / 'first90.db'}", create=False)
    with database.writing() as conn:
        for kind, error in errors.items():
            of_kind = update(EffectRow).where(EffectRow.channel == "crm", EffectRow.kind == kind)
            conn.execute(of_kind.values(state="dead", error=error, attempts=25))
    database.close()


@pytest.mark.slow
def test_what_died_of_one_cause_is_put_back_by_one_command_that_lists_and_counts_first(
    first90: First90, home: Path
) -> None:
    resting = "Salesforce, upsert Onboarding__c: INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
    die(home, onboarding=resting, milestone="Salesforce, upsert Onboarding_Milestone__c: REQUIRED_FIELD_MISSING")
    dead = first90("effects", "--state", "dead", "--json").json
    mine = {line["key"] for line in dead if line["kind"] == "onboarding"}
    assert 0 < len(mine) < len(dead)
    asked = ("effects", "retry", "--state", "dead", "--channel", "crm", "--error", "during_maintenance")
    listed = first90(*asked)
    assert (listed.code, f"{len(mine)} effects" in listed.out, "Nothing was changed" in listed.out) == (0, True, True)
    assert first90("effects", "--state", "dead", "--json").json == dead
    assert first90(*asked, "--yes").code == 2, "the journal wants a reason"
    done = first90(*asked, "--yes", "--reason", "the maintenance is over", "--by", "jo@vendor.example")
    assert (done.code, done.out) == (0, f"{len(mine)} will be sent again at the next delivery.\n")
    after = {line["key"]: line for line in first90("effects", "--channel", "crm", "--json").json}
    assert {key for key, line in after.items() if line["state"] == "dead"} == {line["key"] for line in dead} - mine
    again = [after[key] for key in mine]
    assert {(line["state"], line["attempts"], line["error"]) for line in again} == {("planned", 0, None)}
    database = open_database(f"sqlite:///{home / 'first90.db'}", create=False)
    with database.reading() as conn:
        noted = conn.execute(select(JournalRow).where(JournalRow.kind == "effect_retry")).all()
    database.close()
    assert {(row.about, row.by, row.because) for row in noted} == {
        (key, "jo@vendor.example", "the maintenance is over") for key in mine
    }
    assert "nothing" in first90(*asked, "--yes", "--reason", "again").out


def test_retry_takes_ids_or_a_filter_and_says_what_is_missing(first90: First90, home: Path) -> None:
    for wrong in (
        [],
        ["an:id", "--state", "dead"],
        ["--channel", "crm"],
        ["--error", "X"],
        ["--state", "sent"],
        ["--state", "lost"],
        ["--state", "dead", "--channel", "pigeon"],
        ["--state", "dead", "--error", " "],
    ):
        said = first90("effects", "retry", *wrong)
        assert (said.code, said.out) == (2, ""), wrong
    assert first90("effects", "retry", "--state", "dead", "--error", "100%").out.startswith("nothing")
