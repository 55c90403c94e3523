"""``first90 check`` finds what the first run would meet: places that cannot be written, names that lead nowhere."""

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.salesforce_fixtures import Sandbox

First90 = Callable[..., Any]


def failing(said: Any) -> dict[str, str]:
    found = [one for one in said.json if not one["ok"]]
    assert len({one["what"] for one in found}) == len(found), "one fault, one line"
    return {one["what"]: one["said"] for one in found}


def warned(said: Any) -> dict[str, str]:
    return {one["what"]: one["said"] for one in said.json if one["warning"]}


def test_a_file_where_the_home_is_to_be_is_told_once(
    empty_home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_home.write_text("in the way")
    monkeypatch.setenv("FIRST90_HOME", str(empty_home / "deeper"))
    said = first90("check", "--json")
    assert said.code == 1
    assert failing(said) == {
        "home": f"the home {empty_home / 'deeper'} cannot be written: {empty_home} is no folder; take it away, or name "
        "another place"
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "folder", "what"),
    [
        ("first90.db", True, "database"),
        ("mail", False, "mail"),
        ("chat.jsonl", True, "Slack"),
        ("crm", False, "CRM"),
        ("prefect", False, "Prefect"),
    ],
)
def test_what_is_in_the_way_inside_the_home_is_told_with_its_line(
    name: str, folder: bool, what: str, empty_home: Path, first90: First90
) -> None:
    empty_home.mkdir()
    place = empty_home / name
    place.mkdir() if folder else place.touch()
    said = first90("check", "--json")
    assert said.code == 1
    assert list(failing(said)) == [what]
    assert f"{place} cannot be written: it is no {'file' if folder else 'folder'}" in failing(said)[what]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Return a folder that takes no new file, also from root where the disk supports that."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    if os.geteuid() == 0 and os.system(f"chattr +i '{folder}' 2>/dev/null"):
        folder.chmod(0o700)
        pytest.skip("this disk cannot lock a folder against root")
    try:
        yield
    finally:
        if os.geteuid() == 0:
            os.system(f"chattr -i '{folder}'")
        folder.chmod(0o700)


def test_a_home_without_the_right_to_write_is_told_once_and_left_as_it_is(empty_home: Path, first90: First90) -> None:
    with locked(empty_home):
        said = first90("check", "--json")
        assert list(failing(said)) == ["home"]
        assert "takes no new file" in failing(said)["home"]
        assert "give this user the right to write there" in failing(said)["home"]
        assert list(empty_home.iterdir()) == []


def test_a_sound_home_that_is_there_stays_as_it_is(empty_home: Path, first90: First90) -> None:
    empty_home.mkdir()
    before = empty_home.stat().st_mtime_ns
    assert first90("check", "--json").code == 0
    assert (list(empty_home.iterdir()), empty_home.stat().st_mtime_ns) == ([], before)


@pytest.mark.parametrize("url", ["sqlite:///{home}/first90.db", "postgresql://u:canary4711@127.0.0.1:1/none"])
def test_a_fault_of_the_database_has_one_name(
    url: str, empty_home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_home.mkdir()
    (empty_home / "first90.db").write_text("no database")
    monkeypatch.setenv("FIRST90_DATABASE_URL", url.format(home=empty_home))
    said = first90("check", "--json")
    assert said.code == 1
    assert list(failing(said)) == ["database"]
    assert "canary4711" not in said.out


@pytest.fixture
def own_crm(worked_home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the sample's export as a CRM that is not the sample."""
    folder = tmp_path / "export"
    shutil.copytree(worked_home[0] / "crm", folder)
    monkeypatch.setenv("FIRST90_CRM", f"csv:{folder}")
    return folder


def team_of(tmp_path: Path, *addresses: str) -> str:
    members = "".join(f"  - {{email: {address}, roles: [csm]}}\n" for address in addresses)
    (tmp_path / "team.yaml").write_text(f"members:\n{members}")
    return str(tmp_path / "team.yaml")


def users_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "User.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_team_that_the_crm_does_not_know_is_told_with_its_people(
    own_crm: Path, empty_home: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = next(user["Email"] for user in users_of(own_crm) if user["IsActive"] == "true")
    monkeypatch.setenv("FIRST90_TEAM", team_of(tmp_path, "nobody@elsewhere.example"))
    said = first90("check", "--json")
    assert (said.code, list(failing(said))) == (1, ["team"])
    assert "nobody@elsewhere.example" in failing(said)["team"]
    monkeypatch.setenv("FIRST90_TEAM", team_of(tmp_path, "nobody@elsewhere.example", known.upper()))
    said = first90("check", "--json")
    assert (said.code, failing(said)) == (0, {})
    assert "nobody@elsewhere.example" in warned(said)["team"]
    assert known.upper() not in warned(said)["team"]
    monkeypatch.setenv("FIRST90_TEAM", team_of(tmp_path, known.upper()))
    assert warned(first90("check", "--json")) == {}


def test_the_samples_team_in_a_crm_of_ones_own_is_a_warning(own_crm: Path, empty_home: Path, first90: First90) -> None:
    text = (own_crm / "User.csv").read_text(encoding="utf-8")
    (own_crm / "User.csv").write_text(text.replace("northbeam.example", "mine.example"), encoding="utf-8")
    said = first90("check")
    assert said.code == 0
    [line] = [line for line in said.out.splitlines() if line.startswith("warn")]
    assert "FIRST90_TEAM" in line


@pytest.mark.slow
def test_accounts_of_a_pilot_that_match_nothing_are_named(
    own_crm: Path, empty_home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (own_crm / "Account.csv").open(encoding="utf-8", newline="") as file:
        known = next(csv.DictReader(file))["Id"]
    stranger = "001000000000001AAA"
    for given, code, found in ((stranger, 1, failing), (f"{stranger},{known}", 0, warned)):
        monkeypatch.setenv("FIRST90_ACCOUNTS", given)
        said = first90("check", "--json")
        assert said.code == code
        assert stranger in found(said)["pilot"]
        assert known not in found(said)["pilot"]
    monkeypatch.setenv("FIRST90_ACCOUNTS", known)
    said = first90("check", "--json")
    assert (said.code, failing(said), "pilot" in {one["what"] for one in said.json}) == (0, {}, True)


@pytest.mark.slow
def test_an_org_is_asked_for_both(
    empty_home: Path, tmp_path: Path, first90: First90, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environment(empty_home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FIRST90_TEAM", team_of(tmp_path, "nobody@elsewhere.example"))
    monkeypatch.setenv("FIRST90_ACCOUNTS", "001000000000001AAA")
    said = first90("check", "--json")
    assert said.code == 1
    assert sorted(failing(said)) == ["pilot", "team"]
    assert all(call.method == "GET" for call in sandbox.calls.calls if call.kind != "login")
    monkeypatch.delenv("FIRST90_TEAM")
    assert "team" not in failing(first90("check", "--json"))
