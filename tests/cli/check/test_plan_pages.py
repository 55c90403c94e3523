"""``check`` warns where a tier in use is answered on the plan page and there is none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_export import DEAL, export

First90 = Callable[..., Any]
MONDAY = ("--as-of", "2026-03-02T09:00Z")


def warned(first90: First90) -> list[str]:
    return [str(one["said"]) for one in first90("check", "--json").json if one["what"] == "plan page"]


@pytest.mark.slow
def test_who_cannot_answer_is_named_once_such_a_tier_is_in_use(
    empty_home: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(tmp_path / "export")
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path / 'export'}")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "export" / "team.yaml"))
    assert warned(first90) == [], "no onboarding yet"
    assert first90("run", "--plain", *MONDAY).code == 0
    for tier, told in (("mid", False), ("tech", True)):
        given = ("--to", tier, "--reason", "asked for", "--by", "mona@vendor.example")
        first90("retier", DEAL, *given)
        assert first90("run", "--plain", "--as-of", "2026-03-02T10:00Z").code == 0
        assert bool(warned(first90)) is told, tier
    (said,) = warned(first90)
    assert said.startswith("customers of tech cannot confirm or value goals: there is no plan page; set")
    assert first90("check").code == 0, "a run works all the same"
    monkeypatch.setenv("FIRST90_PUBLIC_URL", "https://first90.vendor.example")
    monkeypatch.setenv("FIRST90_LINK_SECRET", "s" * 40)
    assert warned(first90) == []
