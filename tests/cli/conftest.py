"""The command line as a person uses it: a home with the sample portfolio, run once and copied for each test."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.main import execute
from tests.conftest import MadeOnce

DAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def widest(self) -> int:
        return max((len(line) for line in self.out.splitlines()), default=0)


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FIRST90_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def first90(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Return a function that runs a command in this process."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        code = execute(list(arguments))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home that does not exist yet."""
    home = tmp_path / "home"
    monkeypatch.setenv("FIRST90_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def worked_home(made_once: MadeOnce) -> tuple[Path, datetime]:
    """Return the home of the sample portfolio after one cycle, and its moment. Only to be copied."""
    found: tuple[Path, datetime] = made_once("worked", lambda folder: _work(folder / "home"))
    return found


def _work(home: Path) -> tuple[Path, datetime]:
    from config.sample_portfolio.sample import make_sample

    moment = make_sample(home / "crm", DAY)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("FIRST90_")]:
            patch.delenv(name)
        patch.setenv("FIRST90_HOME", str(home))
        assert execute(["run", "--plain", "--as-of", moment.isoformat(), "--json"]) == 0
    return home, moment


@pytest.fixture
def home(worked_home: tuple[Path, datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of the test's own, in which one cycle has run."""
    copy = tmp_path / "home"
    shutil.copytree(worked_home[0], copy)
    monkeypatch.setenv("FIRST90_HOME", str(copy))
    return copy


@pytest.fixture
def moment(worked_home: tuple[Path, datetime]) -> str:
    """Return the sample's own moment, as a person would type it."""
    return worked_home[1].isoformat()
