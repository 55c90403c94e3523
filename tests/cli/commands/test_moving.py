"""Export and import as a person uses them: the new home goes on where the old one stopped."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

First90 = Callable[..., Any]


@pytest.fixture
def new_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def move() -> None:
        monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path}/home/crm")
        monkeypatch.setenv("FIRST90_HOME", str(tmp_path / "new"))

    return move


@pytest.mark.slow
def test_the_new_home_knows_what_the_old_one_knew_and_sends_nothing_again(
    home: Path, moment: str, new_home: Callable[[], None], tmp_path: Path, first90: First90
) -> None:
    asked = (("status", "--json"), ("effects", "--json"))
    before = [first90(*one).json for one in asked]
    said = first90("export", str(tmp_path / "all.gz"))
    assert said.code == 0
    assert "first90 stop" in " ".join(said.out.split())
    assert said.widest <= 80
    new_home()
    said = first90("import", str(tmp_path / "all.gz"), "--by", "ops@example.com")
    assert said.code == 0, said.err
    assert "effect: " in said.err
    assert [first90(*one).json for one in asked] == before
    run = first90("run", "--plain", "--as-of", moment, "--json").json
    assert {channel: found["sent"] for channel, found in run["effects"].items()} == {"mail": 0, "slack": 0, "crm": 0}


@pytest.mark.slow
def test_where_messages_are_real_nothing_leaves_until_a_person_starts_it(
    home: Path, new_home: Callable[[], None], tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    first90("export", str(tmp_path / "all.gz"))
    new_home()
    monkeypatch.setenv("FIRST90_MAIL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("FIRST90_MAIL_FROM", "team@example.com")
    said = first90("import", str(tmp_path / "all.gz"), "--json", "--by", "ops@example.com")
    assert json.loads(said.out)["stopped"] is True
    assert "which may still send" in first90("status").out.replace("\n", " ")
    assert "Started: all" in first90("start", "--by", "ops@example.com").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "missing.gz"), "missing.gz cannot be read: No such file"),
        (("import", "."), "cannot be read: Is a directory"),
        (("export", "no/such/folder/all.gz"), "cannot be written: No such file"),
        (("import", "{home}/crm/Account.csv"), "was not written by `first90 export`"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_changes_nothing(
    arguments: tuple[str, str], said: str, home: Path, first90: First90
) -> None:
    found = first90(arguments[0], arguments[1].format(home=home))
    assert found.code == 2
    assert said in " ".join(found.err.split())


def test_without_a_database_there_is_nothing_to_export(empty_home: Path, tmp_path: Path, first90: First90) -> None:
    said = first90("export", str(tmp_path / "all.gz"))
    assert said.code == 2
    assert "there is no database at" in said.err
    assert not empty_home.exists()
