"""Written files are readable by their owner only, whatever the umask and whatever an earlier version left open."""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cli.main import execute
from config.sample_portfolio.sample import make_sample
from tests.cli.conftest import DAY
from tests.cli.small_export import ACCOUNT, export

First90 = Callable[..., str]
MONDAY = ("--plain", "--as-of", "2026-03-02T09:00Z")


@pytest.fixture
def first90(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> First90:
    """Run a command in this process, begun with the umask of most machines."""

    def run(*words: str, **settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        os.umask(0o022)
        code = execute(list(words))
        said = capsys.readouterr()
        assert code == 0, said.err
        return said.out

    return run


def open_to_others(folder: Path) -> list[str]:
    """Return what others may read, write or enter, relative to the folder above."""
    places = [folder, *folder.rglob("*")]
    return sorted(str(place.relative_to(folder.parent)) for place in places if place.lstat().st_mode & 0o077)


def open_all(folder: Path) -> None:
    """Give everyone access, as an earlier version did."""
    for place in [folder, *folder.rglob("*")]:
        place.chmod(0o755 if place.is_dir() else 0o644)


@pytest.mark.slow
def test_a_first_run_leaves_nothing_open_and_a_later_one_closes_what_was(first90: First90, tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    moment = make_sample(home / "crm", DAY).isoformat()
    first90("run", "--plain", "--as-of", moment, FIRST90_HOME=str(home))
    assert {"first90.db", "mail", "chat.jsonl", "crm"} <= {place.name for place in home.iterdir()}
    assert any((home / "mail" / "new").iterdir())
    assert open_to_others(home) == []
    open_all(home)
    with (home / "first90.db-wal").open("ab"):
        pass
    first90("run", "--plain", "--as-of", moment, FIRST90_HOME=str(home))
    assert open_to_others(home) == []
    (home / "chat.jsonl").chmod(0o664)
    (home / "crm" / "Onboarding__c.csv").chmod(0o666)
    first90("hold", _first_account(home), "--reason", "rest", FIRST90_HOME=str(home))
    assert open_to_others(home) == []


def _first_account(home: Path) -> str:
    with closing(sqlite3.connect(home / "first90.db")) as memory:
        (found,) = memory.execute("SELECT min(account_id) FROM onboarding WHERE status = 'active'").fetchone()
    return str(found)


@pytest.mark.slow
def test_what_a_person_put_into_the_home_and_its_folder_stay_as_they_are(first90: First90, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "exports").mkdir(parents=True)
    (home / "exports" / "notes.txt").write_text("mine")
    (home / "exports" / "notes.txt").chmod(0o644)
    elsewhere = tmp_path / "logs-elsewhere"
    elsewhere.mkdir(mode=0o755)
    elsewhere.chmod(0o755)
    (home / "logs").symlink_to(elsewhere)
    for folder in (home, home / "exports"):
        folder.chmod(0o755)
    crm = tmp_path / "crm"
    export(crm)
    first90("run", *MONDAY, FIRST90_HOME=str(home), FIRST90_CRM=f"csv:{crm}", FIRST90_TEAM=str(crm / "team.yaml"))
    left = [place for place in open_to_others(home) if "logs" not in place]
    assert left == ["home", "home/exports", "home/exports/notes.txt"]
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


@pytest.mark.slow
def test_a_file_in_a_crm_folder_of_a_person_keeps_its_mode(first90: First90, tmp_path: Path) -> None:
    crm = tmp_path / "crm"
    export(crm)
    settings = {"FIRST90_HOME": str(tmp_path / "home"), "FIRST90_CRM": f"csv:{crm}"}
    settings["FIRST90_TEAM"] = str(crm / "team.yaml")
    first90("run", *MONDAY, **settings)
    (crm / "Onboarding__c.csv").chmod(0o640)
    (crm / "Account.csv").chmod(0o644)
    before = (crm / "Onboarding__c.csv").read_bytes()
    first90("close", ACCOUNT, "--as", "cancelled", "--reason", "left", "--by", "jo@vendor.example", **settings)
    first90("run", "--plain", "--as-of", "2026-03-03T09:00Z", **settings)
    assert (crm / "Onboarding__c.csv").read_bytes() != before, "it was written"
    modes = {place.name: stat.S_IMODE(place.stat().st_mode) for place in crm.glob("*.csv")}
    assert modes["Onboarding__c.csv"] == 0o640
    assert modes["Account.csv"] == 0o644


def test_what_simulate_writes_is_its_owners_alone(first90: First90, tmp_path: Path) -> None:
    export(tmp_path / "crm")
    first90(
        *("simulate", "--days", "1", "--from", "2026-03-02T09:00Z", "--out", str(tmp_path / "out")),
        FIRST90_HOME=str(tmp_path / "home"),
        FIRST90_CRM=f"csv:{tmp_path / 'crm'}",
        FIRST90_TEAM=str(tmp_path / "crm" / "team.yaml"),
    )
    assert any((tmp_path / "out").iterdir())
    assert open_to_others(tmp_path / "out") == []
