"""``first90 forecast`` from outside."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

First90 = Callable[..., Any]
ACCOUNT = "Harbor & Pine Logistics, Inc."


def contents(home: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file() and "db-" not in path.name
    }


def test_it_tells_stages_go_live_and_reasons_in_eighty_columns(home: Path, first90: First90) -> None:
    said = first90("forecast", ACCOUNT)
    assert said.code == 0
    assert said.widest <= 80
    assert "Go-live expected on" in said.out
    assert "First value" in said.out
    assert "Durations: those of the playbook" in said.out


def test_its_json_has_every_promised_field_and_reasons_that_sum_up(home: Path, first90: First90) -> None:
    found = first90("forecast", ACCOUNT, "--json").json
    assert {"deal_id", "as_of", "stages", "go_live", "reasons", "target"} <= set(found)
    assert [one["stage"] for one in found["stages"]] == ["handoff", "kickoff", "setup", "training", "first_value"]
    for one in (*found["stages"], found["go_live"]):
        moved = date.fromisoformat(one["forecast"]) - date.fromisoformat(one["at_signature"])
        assert moved.days == one["days"] == sum(reason["days"] for reason in one["reasons"])
    for reason in found["reasons"]:
        assert set(reason) == {"days", "milestone", "title", "side", "text", "of"}
        assert reason["days"]


@pytest.mark.slow
def test_what_if_tells_dates_stalls_and_messages_and_touches_nothing(home: Path, first90: First90) -> None:
    before = contents(home)
    found = first90("forecast", ACCOUNT, "--if", "security_review=2026-05-11", "--json").json
    plain = first90("forecast", ACCOUNT, "--json").json
    assert {one["kind"] for one in found["changes"]} == {"go_live", "stage", "milestone", "stall", "message"}
    moved = next(one for one in found["changes"] if one["name"] == "security_review" and one["kind"] == "milestone")
    assert moved["to"] == "2026-05-11"
    setup = {one["stage"]: one["forecast"] for one in plain["stages"]}["setup"]
    assert {"kind": "stage", "name": "setup", "from": setup}.items() <= next(
        one for one in found["changes"] if one["name"] == "setup"
    ).items()
    said = first90("forecast", ACCOUNT, "--if", "security_review=2026-05-11", "--if", "access_configured=2026-05-01")
    assert said.widest <= 80
    assert "Messages that would change:" in said.out
    assert contents(home) == before


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("securty_review=2026-05-11", "did you mean 'security_review'"),
        ("security_review=2026-05-41", "'2026-05-41' is no date; write 2026-03-12"),
        ("security_review=2201-05-01", "correct the year"),
        ("security_review", "write MILESTONE=DATE"),
        ("kickoff_held=2026-05-11", "kickoff_held was done on"),
        ("security_review=2020-05-11", "before the signature"),
    ],
)
def test_a_wrong_assumption_is_refused_with_its_place_and_the_mend(
    home: Path, first90: First90, given: str, told: str
) -> None:
    said = first90("forecast", ACCOUNT, "--if", given)
    assert said.code == 2
    assert said.out == ""
    assert f"--if '{given}'" in said.err
    assert told in said.err


def test_show_and_explain_have_it_in_a_line(home: Path, first90: First90) -> None:
    told = first90("explain", ACCOUNT).out
    assert "Forecast: go-live on" in told
    shown = first90("show", ACCOUNT, "--json").json
    assert shown["forecast"]["go_live"]["forecast"]
    assert shown["explanation"]["forecast"].startswith("Forecast: ")
    gone = next(one for one in first90("status", "--json").json if one["status"] == "churned")
    said = first90("forecast", gone["deal_id"])
    assert "nothing is expected any more" in said.out


def test_show_and_explain_say_whose_clock_ran(home: Path, first90: First90) -> None:
    fresh = [one for one in first90("status", "--json").json if one["status"] == "active" and not one["adopted"]]
    shown = [first90("show", one["deal_id"], "--json").json for one in fresh[:3]]
    ran = next(one for one in shown if one["clock"])
    assert set(next(iter(ran["clock"].values()))) == {"vendor", "customer", "third_party"}
    assert "Whose clock ran, in working days:" in first90("explain", ran["deal_id"]).out
