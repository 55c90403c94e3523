"""The account plan and the lessons on the command line: Markdown for a file, JSON for a program, clear refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

First90 = Callable[..., Any]
ACCOUNT = "Kampong Glam Books Pte. Ltd."


def test_the_account_plan_is_markdown_that_no_width_folds_and_json_by_section(home: Path, first90: First90) -> None:
    said = first90("account-plan", ACCOUNT)
    assert said.code == 0
    assert said.out.startswith(f"# Account plan: {ACCOUNT}\n")
    told = first90("account-plan", ACCOUNT, "--json").json
    assert told["account"] == ACCOUNT
    for heading, entries in told["sections"].items():
        assert f"\n## {heading}\n" in said.out
        assert all(f"\n- {entry}\n" in said.out for entry in entries), "an entry stands on one line"


def test_lessons_are_listed_by_stage_and_written_into_a_file(home: Path, first90: First90, tmp_path: Path) -> None:
    assert "None is recorded yet" in first90("lessons").out
    lesson = "Ask for the security questionnaire at the kickoff"
    assert first90("record", ACCOUNT, "lesson", lesson, "--stage", "setup", "--by", "jo@vendor.example").code == 0
    (line,) = first90("lessons", "--json").json
    assert (line["stage"], line["text"], line["account"]) == ("setup", lesson, ACCOUNT)
    assert first90("lessons", "--out", str(tmp_path / "lessons.md")).code == 0
    assert f"## Setup\n\n- {lesson} ({ACCOUNT}" in (tmp_path / "lessons.md").read_text("utf-8")
    refused = first90("lessons", "--out", str(tmp_path / "no" / "lessons.md"))
    assert refused.code == 2
    assert "name another file with --out" in refused.err


def test_no_lesson_since_a_day_is_another_thing_than_none_at_all(home: Path, first90: First90) -> None:
    assert first90("record", ACCOUNT, "lesson", "Ask earlier", "--by", "jo@vendor.example").code == 0
    said = first90("lessons", "--since", "2100-01-01").out
    assert "None was recorded since 1 January 2100" in said
    assert "None is recorded yet" not in said


@pytest.mark.slow
def test_promises_are_told_by_the_seller_who_made_them(home: Path, first90: First90) -> None:
    everything = first90("promises", "--json").json
    mine = next(one for one in everything if one["account"] == ACCOUNT and one["state"] == "open")
    seller = mine["seller"]
    assert "@" in seller
    told = ("record", ACCOUNT, "promise", mine["id"], "--broken", "--by", "jo@vendor.example")
    assert first90(*told).code == 0
    late = ("record", ACCOUNT, "promise", "A sandbox of their own", "--due", "2020-01-31", "--by", "jo@vendor.example")
    assert first90(*late).code == 0
    found = first90("promises", "--seller", seller.upper(), "--json").json
    assert {one["seller"] for one in found} == {seller}
    assert [(one["state"], one["overdue"]) for one in found if one["text"] == "A sandbox of their own"] == [
        ("open", True)
    ]
    assert next(one for one in found if one["id"] == mine["id"])["state"] == "broken"
    line = next(one for one in first90("promises", "--by-seller", "--json").json if one["seller"] == seller)
    states = [one["state"] for one in found]
    assert line == {
        "seller": seller,
        "promises": len(found),
        **{state: states.count(state) for state in ("open", "kept", "broken")},
        "overdue": sum(one["overdue"] for one in found),
    }
    shown = first90("promises")
    assert shown.widest <= 80
    assert "overdue" in shown.out
    assert first90("promises", "--by-seller").widest <= 80
    assert "No promise is on record" in first90("promises", "--seller", "nobody@vendor.example").out


def test_a_stage_that_is_none_is_refused_with_those_that_are(home: Path, first90: First90) -> None:
    said = first90("record", ACCOUNT, "lesson", "Ask earlier", "--stage", "lunch", "--by", "jo@vendor.example")
    assert said.code == 2
    assert "handoff" in said.err
