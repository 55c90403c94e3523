"""``check`` names the roles of ours that the playbooks need and nobody holds (RO-8)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_export import DEAL, TEAM, export

First90 = Callable[..., Any]
MONDAY = ("--as-of", "2026-03-02T09:00Z")


@pytest.fixture
def folder(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export of one customer, with its team file."""
    export(tmp_path / "export")
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path / 'export'}")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "export" / "team.yaml"))
    return tmp_path / "export"


def line(first90: First90) -> str:
    (said,) = [one for one in first90("check").out.splitlines() if one[5:].startswith("unheld ")]
    return str(said)


@pytest.mark.slow
def test_where_each_role_is_held_nothing_is_asked(folder: Path, first90: First90) -> None:
    assert line(first90).startswith("ok ")
    assert first90("run", "--plain", *MONDAY).code == 0
    assert line(first90).startswith("ok ")


@pytest.mark.slow
def test_a_role_that_nobody_may_hold_is_named_and_the_onboardings_that_lack_it(folder: Path, first90: First90) -> None:
    (folder / "team.yaml").write_text(TEAM.replace("[implementation_engineer]", "[csm]"))
    assert "no member of the team file is implementation engineer, so the CSM does that work" in line(first90)
    assert first90("run", "--plain", *MONDAY).code == 0
    said = line(first90)
    assert "nobody is implementation engineer in 1 onboarding (first Acme GmbH)" in said
    assert "first90 reassign KEY --role implementation_engineer --to EMAIL" in said
    named = ("--role", "implementation_engineer", "--to", "imke@vendor.example", "--reason", "she does it")
    assert first90("reassign", DEAL, *named, "--by", "mona@vendor.example").code == 0
    assert first90("run", "--plain", "--as-of", "2026-03-02T10:00Z").code == 0
    assert "in 1 onboarding" not in line(first90)
