"""``first90 report`` as a person and as a program use it."""

import csv
from pathlib import Path

import pytest

ACCOUNT = {
    *("account_id", "deal_id", "tier", "signed_at", "activated_at", "first_value_at", "completed_at", "churned_on"),
    *("time_to_value", "activation_rate", "clock_vendor", "stage_dwell_handoff"),
}


def test_the_json_says_when_what_and_of_whom(home, first90, moment):
    told = first90("report", "--as-of", moment, "--json").json
    assert {"as_of", "since", "metrics", "accounts"} <= told.keys()
    assert told["since"] is None
    assert all(one.keys() >= ACCOUNT for one in told["accounts"])
    status = first90("status", "--json").json
    assert {one["deal_id"] for one in told["accounts"]} == {one["deal_id"] for one in status}
    activated = {one["deal_id"]: one["activated_at"] for one in told["accounts"]}
    assert activated == {one["deal_id"]: one["activated_at"] for one in status}
    value = next(one for one in told["metrics"] if one["name"] == "time_to_value")
    assert value["n"] == sum(1 for one in status if one["activated_at"])


def test_the_page_is_eighty_columns_wide_and_tells_time_to_value_and_activation_first(home, first90, moment):
    said = first90("report", "--as-of", moment)
    assert said.code == 0
    assert said.widest <= 80
    assert said.out.index("Time to value") < said.out.index("Activation rate") < said.out.index("Health score")
    assert "too few to say" in said.out
    assert "TH-15" in said.out


@pytest.mark.slow
def test_tables_hold_the_same_figures(home, first90, moment, tmp_path: Path):
    told = first90("report", "--as-of", moment, "--json", "--csv", str(tmp_path / "figures")).json
    rows = {name: list(csv.DictReader(path.read_text().splitlines())) for name, path in files(tmp_path).items()}
    assert [row["name"] for row in rows["metrics"]] == [one["name"] for one in told["metrics"]]
    shown = {row["name"]: row["value"] for row in rows["metrics"]}
    assert {name: value for name, value in shown.items() if value} == {
        one["name"]: str(one["value"]) for one in told["metrics"] if one["value"] is not None
    }
    assert len(rows["groups"]) == sum(len(some) for one in told["metrics"] for some in one["groups"].values())
    assert [row["deal_id"] for row in rows["accounts"]] == [one["deal_id"] for one in told["accounts"]]


def files(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in (folder / "figures").iterdir()}


@pytest.mark.slow
def test_the_page_is_one_file(home, first90, moment, tmp_path: Path):
    said = first90("report", "--as-of", moment, "--out", str(tmp_path / "report.html"))
    assert (said.code, said.out) == (0, "")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Onboarding report" in page
    assert "Kampong Glam Books Pte. Ltd." in page


@pytest.mark.slow
def test_a_page_into_a_folder_that_is_not_there_is_told_by_its_name(home, first90, moment, tmp_path: Path):
    said = first90("report", "--as-of", moment, "--out", str(tmp_path / "nowhere" / "report.html"))
    assert said.code == 2
    assert "nowhere" in said.err


def test_only_one_tier(home, first90, moment):
    told = first90("report", "--as-of", moment, "--tier", "high", "--json").json
    assert {one["tier"] for one in told["accounts"]} == {"high"}
    assert first90("report", "--tier", "gold").code == 2


def test_only_signatures_since_a_day(home, first90, moment):
    told = first90("report", "--as-of", moment, "--since", "2026-02-20", "--json").json
    assert told["since"] == "2026-02-20T00:00:00Z"
    assert min(one["signed_at"] for one in told["accounts"]) >= "2026-02-20"


@pytest.mark.usefixtures("empty_home")
def test_without_a_database_it_says_what_to_do(first90):
    said = first90("report")
    assert said.code == 2
    assert "first90 run" in said.err


@pytest.mark.slow
def test_the_history_of_the_crm_is_told_with_what_handoffs_lack(home, first90, moment):
    audit = first90("report", "--as-of", moment, "--json").json["audit"]
    status = first90("status", "--json").json
    adopted = sum(1 for one in status if one["adopted"])
    assert audit["before"] >= adopted > 0
    assert audit["stages"] is None
    assert audit["why"]
    assert audit["days_to_first_use"]["n"] > 0
    assert {"seller", "deals", "handoff_completeness", "missing", "without_people"} <= audit["sellers"][0].keys()
    said = first90("report", "--as-of", moment)
    assert "Before first90" in said.out
    assert "What handoffs lack, by seller" in said.out
    assert said.widest <= 80
    assert first90("report", "--as-of", moment, "--tier", "high", "--json").json["audit"] is None


@pytest.mark.slow
def test_what_stalls_cost_can_be_counted_again_from_the_accounts(home, first90, moment):
    told = first90("report", "--as-of", moment, "--json").json
    found = told["stalls"]
    assert "contract_days" in found["definition"]
    stalled = [one for one in told["accounts"] if one["stalls"]]
    assert sum(one["times"] for one in found["causes"]) == sum(len(one["stalls"]) for one in stalled) > 0
    assert 0 < found["total"]["n"] <= found["total"]["of"] <= len(stalled)
    for kind in {one["kind"] for one in found["causes"]}:
        with_it = {one["deal_id"] for one in stalled for stall in one["stalls"] if stall["kind"] == kind}
        assert max(one["accounts"] for one in found["causes"] if one["kind"] == kind) <= len(with_it)
    said = first90("report", "--as-of", moment)
    assert "Stalls and what they cost" in said.out
    assert f"{found['total']['value']:,.0f}" in said.out
