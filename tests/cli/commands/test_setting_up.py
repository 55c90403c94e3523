import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import BUNDLED

First90 = Callable[..., Any]


@pytest.mark.slow
def test_check_says_one_line_for_each_part_and_makes_nothing(empty_home: Path, first90: First90) -> None:
    said = first90("check")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()] == ["ok"] * 14
    assert not empty_home.exists()
    assert {one["what"] for one in first90("check", "--json").json} >= {"settings", "database", "CRM", "mail", "Slack"}


def test_check_fails_for_a_crm_that_cannot_be_read(
    empty_home: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path}")
    said = first90("check", "--json")
    assert said.code == 1
    assert [one["what"] for one in said.json if not one["ok"]] == ["CRM"]


def test_the_sample_is_made_once_and_keeps_its_moment(empty_home: Path, first90: First90) -> None:
    said = first90("sample")
    assert said.code == 0
    assert datetime.fromisoformat(said.out.strip()).tzinfo is not None
    assert (empty_home / "crm" / "Opportunity.csv").exists()
    assert first90("sample").out == said.out


def test_the_sample_is_refused_where_a_crm_is_set(
    empty_home: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path}")
    said = first90("sample")
    assert said.code == 2
    assert "FIRST90_CRM" in said.err
    assert not list(tmp_path.glob("*.csv"))


@pytest.mark.slow
def test_a_sample_in_a_folder_of_ones_own_is_read_from_there(
    empty_home: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    said = first90("sample", str(folder))
    assert said.code == 0
    assert datetime.fromisoformat(said.out.strip()).tzinfo is not None
    assert not empty_home.exists(), "the home's own sample is not touched"
    monkeypatch.setenv("FIRST90_CRM", f"csv:{folder}")
    checked = first90("check", "--json")
    assert [one["ok"] for one in checked.json if one["what"] == "CRM"] == [True]


def test_a_folder_of_other_files_is_no_place_for_the_sample(empty_home: Path, tmp_path: Path, first90: First90) -> None:
    other, file = tmp_path / "letters", tmp_path / "file"
    other.mkdir()
    (other / "letter.txt").write_text("Dear", encoding="utf-8")
    file.write_text("no folder", encoding="utf-8")
    for place in (other, file, file / "below"):
        said = first90("sample", str(place))
        assert said.code == 2
        assert str(place) in said.err
    assert [path.name for path in other.iterdir()] == ["letter.txt"]


def test_a_database_can_be_made_and_upgraded_by_hand(empty_home: Path, first90: First90) -> None:
    assert first90("db", "upgrade").code == 0
    assert first90("db", "upgrade").code == 0
    assert first90("status", "--json").json == []


@pytest.mark.slow
def test_the_bundled_playbooks_are_sound(empty_home: Path, first90: First90) -> None:
    assert first90("playbook", "check").code == 0
    assert not empty_home.exists()


def test_a_mistake_in_a_playbook_is_told_with_file_line_field_and_mend(
    empty_home: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "playbooks"
    shutil.copytree(BUNDLED / "playbooks", folder)
    written = (folder / "mid.yaml").read_text(encoding="utf-8")
    (folder / "mid.yaml").write_text(written.replace("tier: mid", "teir: mid", 1), encoding="utf-8")
    said = first90("playbook", "check", str(folder))
    assert said.code == 2
    assert "mid.yaml, line" in said.err
    assert "Mend:" in said.err
    monkeypatch.setenv("FIRST90_PLAYBOOKS", str(folder))
    assert first90("run", "--plain").code == 2
    assert first90("playbook", "check", str(tmp_path / "nowhere")).code == 2


def test_the_schema_is_json(first90: First90) -> None:
    assert json.loads(first90("playbook", "schema").out)["title"] == "Playbook"


def test_playbook_show_lists_the_names_that_other_commands_take(empty_home: Path, first90: First90) -> None:
    (mid,) = first90("playbook", "show", "mid", "--json").json
    assert "kickoff_held" in mid["milestones"]
    assert "check_in_30" in mid["steps"]
    assert len(first90("playbook", "show", "--json").json) == 3
    shown = first90("playbook", "show", "mid")
    assert "kickoff_held" in shown.out
    assert shown.widest <= 80
    assert first90("playbook", "show", "gold").code == 2


@pytest.mark.slow
def test_a_simulation_leaves_the_database_alone_and_writes_its_report(
    empty_home: Path, tmp_path: Path, first90: First90
) -> None:
    said = first90("simulate", "--days", "2", "--out", str(tmp_path / "lived"))
    assert said.code == 0
    assert "Where they ended" in said.out
    assert (tmp_path / "lived" / "report.md").exists()
    assert not empty_home.exists()


@pytest.mark.slow
def test_a_simulation_counts_who_had_left_before_it_began(home: Path, tmp_path: Path, first90: First90) -> None:
    known = first90("status", "--json").json
    assert any(line["status"] == "churned" for line in known)
    said = first90("simulate", "--days", "1", "--out", str(tmp_path / "lived"))
    ended = said.out.partition("Where they ended\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert sum(int(row.split()[-1]) for row in ended) == len(known)
    assert "| churned |" in (tmp_path / "lived" / "report.md").read_text(encoding="utf-8")


def test_a_simulation_never_writes_into_a_folder_with_other_files(
    empty_home: Path, tmp_path: Path, first90: First90
) -> None:
    (tmp_path / "mine.txt").write_text("do not touch", encoding="utf-8")
    said = first90("simulate", "--days", "2", "--out", str(tmp_path))
    assert said.code == 2
    assert str(tmp_path) in said.err
    assert first90("simulate", "--days", "0").code == 2
