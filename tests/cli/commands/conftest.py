"""A home whose playbooks ask a second person."""

import shutil
from pathlib import Path

import pytest

from config.playbook_library.library import BUNDLED
from onboarding.acts import Act
from tests.cli.four_eyes import CLEO, DANA, JO, First90


@pytest.fixture
def gated(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home, with playbooks that ask a second person for every act, and two managers in the team file."""
    folder = tmp_path / "playbooks"
    shutil.copytree(BUNDLED, folder)
    for tier in ("high", "mid", "tech"):
        path = folder / f"{tier}.yaml"
        path.write_text(path.read_text() + f"\nfour_eyes: [{', '.join(Act)}]\n")
    team = tmp_path / "team.yaml"
    team.write_text(f"access: {{manager: [{JO}, {DANA}], csm: [{CLEO}]}}\n")
    monkeypatch.setenv("FIRST90_PLAYBOOKS", str(folder))
    monkeypatch.setenv("FIRST90_TEAM", str(team))
    return home


@pytest.fixture
def key(gated: Path, first90: First90) -> str:
    return str(next(one for one in first90("status", "--json").json if one["status"] == "active")["deal_id"])
