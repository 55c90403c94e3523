"""The Prefect server that a setting names is used wherever Prefect would find that setting, and told where it is not
there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from supervisor.prefect_settings import for_children, given

NOBODY = "http://127.0.0.1:9/api"
PROFILE = f'[profiles.p]\nPREFECT_API_URL = "{NOBODY}"\nPREFECT_API_AUTH_STRING = "ops:canary4711"\n'
SOURCES = {
    ".env": f"PREFECT_API_URL={NOBODY}\nPREFECT_API_AUTH_STRING=ops:canary4711\n",
    "prefect.toml": f'[api]\nurl = "{NOBODY}"\nauth_string = "ops:canary4711"\n',
    "pyproject.toml": f'[tool.prefect.api]\nurl = "{NOBODY}"\nauth_string = "ops:canary4711"\n',
    "profiles.toml": f'active = "p"\n{PROFILE}',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.delitem(sys.modules, "prefect", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_found_in_each_place_and_given_to_children(name: str, folder: Path) -> None:
    assert given("PREFECT_API_URL") is None
    (folder / name).write_text(SOURCES[name], "utf-8")
    found = given("PREFECT_API_URL")
    assert found is not None
    assert found.value == NOBODY
    assert str(folder / name) in found.place
    assert for_children() == {"PREFECT_API_URL": NOBODY, "PREFECT_API_AUTH_STRING": "ops:canary4711"}
    assert "canary4711" not in repr(given("PREFECT_API_AUTH_STRING"))


def test_an_earlier_place_wins_as_it_does_in_prefect(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(SOURCES):
        (folder / name).write_text(SOURCES[name].replace(NOBODY, f"http://{number}/api"), "utf-8")
    for number, name in enumerate(SOURCES):
        found = given("PREFECT_API_URL")
        assert found is not None
        assert found.value == f"http://{number}/api"
        (folder / name).unlink()
    monkeypatch.setenv("PREFECT_API_URL", "http://env/api")
    assert given("PREFECT_API_URL") == ("http://env/api", "the environment")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["environment", ".env"])
def test_a_run_for_a_server_that_does_not_answer_says_so_and_does_nothing(name: str, folder: Path) -> None:
    settings = {"HOME": str(folder), "FIRST90_HOME": str(folder / "home"), "PYTHONPATH": str(Path(__file__).parents[2])}
    if name == ".env":
        (folder / ".env").write_text(f"PREFECT_API_URL={NOBODY}\n", "utf-8")
    else:
        settings["PREFECT_API_URL"] = NOBODY
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FIRST90_", "PREFECT_"))}
    command = [sys.executable, "-m", "cli", "run"]
    ended = subprocess.run(command, cwd=folder, env=kept | settings, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1, ended.stderr
    assert name in ended.stderr
    assert "127.0.0.1:9" in ended.stderr
    assert "does not answer; nothing was done" in " ".join(ended.stderr.split())
    assert "--plain" in ended.stderr
    assert "onboard-accounts" not in ended.stderr
    assert "Came in" not in ended.stdout
