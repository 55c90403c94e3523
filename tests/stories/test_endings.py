"""Stories of first value and of ends, and of records that are odd. ``seen`` is what one cycle over the sample left."""

from datetime import UTC, datetime
from typing import Any

import pytest

from config.sample_portfolio.export import deal_id
from config.sample_portfolio.stories import stories


def test_activation_is_stamped_and_told_to_both_sides(seen: Any) -> None:
    line = seen.line("activated_today")
    assert line["stage"] == "first_value"
    assert line["activated_at"] == seen.as_of.isoformat().replace("+00:00", "Z")
    assert "ruedi.bachtold@zuercher-praezision.example" in str(seen.inbox("activated_today")[0]["To"])
    assert any("reached first value" in post["text"] for post in seen.slack("jonas", "Zürcher Präzision"))
    assert seen.milestone("activated_today", "activation")["Status__c"] == "Done"
    assert seen.crm("activated_today")[0]["Activated_At__c"] != ""


def test_the_risk_review_of_day_90_goes_to_our_own_people_alone(seen: Any) -> None:
    assert {one["recipient"] for one in seen.owed("due_at_day_90", "slack") if one["kind"] == "risk_review"} == {
        "siobhan.orourke@northbeam.example",
        "tomas.ferreira@northbeam.example",
    }
    assert "risk_review" not in seen.kinds("due_at_day_90")


def test_what_is_complete_is_completed_and_nobody_is_written_to(seen: Any) -> None:
    line = seen.line("activated_and_complete")
    assert (line["status"], line["stage"]) == ("completed", "done")
    assert seen.owed("activated_and_complete") == []
    assert [row["Status__c"] for row in seen.crm("activated_and_complete")] == ["completed"]


def test_after_a_churn_nobody_hears_from_us(seen: Any) -> None:
    line = seen.line("churned")
    assert (line["status"], line["next_touchpoint"], line["stalled_since"]) == ("churned", None, None)
    assert seen.owed("churned") == []
    assert seen.owed("churned", "slack") == []


def test_a_second_deal_extends_the_onboarding_and_never_restarts_it(seen: Any) -> None:
    lines = [line for line in seen.lines if "Thistle" in line["account_name"]]
    assert len(lines) == 1
    assert lines[0]["deal_id"] == deal_id(next(one for one in stories() if one.story == "second_deal"))
    assert lines[0]["stage"] == "setup"
    assert "welcome" not in seen.kinds("second_deal")
    assert "extend" in seen.journal("second_deal")
    assert len(seen.crm("second_deal")) == 1


@pytest.mark.parametrize("name", ["deal_reopened", "still_open", "unreadable_row"])
def test_what_is_not_a_readable_won_deal_opens_nothing(seen: Any, name: str) -> None:
    assert seen.line(name) is None
    assert seen.inbox(name) == []
    assert seen.crm(name) == []


def test_a_row_that_cannot_be_read_is_set_aside_with_its_place_and_told_to_ops_once(seen: Any) -> None:
    bad = deal_id(next(one for one in stories() if one.story == "unreadable_row"))
    aside = seen.cycles[0].set_aside
    assert [(one.source, one.record, one.field) for one in aside] == [("Opportunity.csv", bad, "CloseDate")]
    told = seen.slack("#managers", bad)
    assert len(told) == 1
    assert "31/02/26" in told[0]["text"]


@pytest.mark.slow
def test_a_row_that_is_mended_is_taken_in_by_itself(begun: Any) -> None:
    home = begun(datetime(2026, 3, 8, 21, 0, tzinfo=UTC))
    path = home.home / "crm" / "Opportunity.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("31/02/26", "2026-03-03"), encoding="utf-8")
    report = home.run()
    assert report.set_aside == ()
    line = home.line("unreadable_row")
    assert (line["status"], line["stage"]) == ("active", "handoff")


def test_a_name_that_looks_like_a_formula_is_never_run_by_a_spreadsheet(seen: Any) -> None:
    for name in ("Onboarding__c.csv", "Onboarding_Milestone__c.csv"):
        for line in (seen.home / "crm" / name).read_text(encoding="utf-8").splitlines():
            assert not any(cell.strip('"').startswith(("=", "+", "@")) for cell in line.split(","))
