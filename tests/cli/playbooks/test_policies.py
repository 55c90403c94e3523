"""``playbook check`` with a ``policies.yaml``: what it says, and what a pull request reads from its exit code."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.playbook_library.library import BUNDLED, POLICIES

First90 = Callable[..., Any]
FEW = ("--customers", "8")
NEVER = """
policies:
  - name: no_kickoff_mail
    says: Nobody is asked to book the kickoff
    messages: {steps: [kickoff_invitation]}
    at_most: 0
  - name: no_technical_topic
    says: No executive gets technical documentation
    messages: {roles: [executive_sponsor], topics: [technical_documentation]}
    at_most: 0
"""


@pytest.fixture
def folder(tmp_path: Path, empty_home: Path) -> Path:
    shutil.copytree(BUNDLED, tmp_path / "playbooks")
    (tmp_path / "playbooks" / POLICIES).unlink()
    return tmp_path / "playbooks"


def test_without_policies_the_check_says_what_it_said(folder: Path, first90: First90) -> None:
    said = first90("playbook", "check", str(folder))
    assert (said.code, said.err) == (0, "")
    assert "".join(said.out.split("\n")).endswith("playbooks: sound")


@pytest.mark.slow
def test_a_broken_policy_is_told_with_customer_day_and_messages(
    folder: Path, first90: First90, empty_home: Path
) -> None:
    (folder / POLICIES).write_text(NEVER, encoding="utf-8")
    said = first90("playbook", "check", str(folder), *FEW)
    assert said.code == 1
    assert said.widest <= 80
    words = " ".join(said.out.split())
    assert "BROKEN: Nobody is asked to book the kickoff (no_kickoff_mail; 7 of 8 customers," in words
    assert "Mon 2028-03-13: 1 message, at most 0 customer 2, high, signed Sun 2028-03-12 06:59Z, Europe/Berlin" in words
    assert "Mon 2028-03-13 09:00 mail kickoff_invitation to champion" in words
    assert "holds: No executive gets technical documentation (no_technical_topic; 8 customers," in words
    assert not empty_home.exists()

    said = first90("playbook", "check", str(folder), *FEW, "--json")
    assert said.code == 1
    broken, held = said.json["policies"]
    assert (held["holds"], held["customers"], held["breaches"]) == (True, 8, [])
    breach = next(one for one in broken["breaches"] if one["customer"]["number"] == 2)
    assert (breach["day"], breach["customer"]["zone"]) == ("2028-03-13", "Europe/Berlin")
    assert breach["messages"][0] | {"role": "champion", "step": "kickoff_invitation"} == breach["messages"][0]


@pytest.mark.slow
def test_a_policy_that_concerns_nobody_is_not_passed_over(folder: Path, first90: First90) -> None:
    text = NEVER.replace("at_most: 0", "at_most: 0\n    of: milestone:advocacy_developed", 1)
    (folder / POLICIES).write_text(text, encoding="utf-8")
    said = first90("playbook", "check", str(folder), *FEW)
    assert said.code == 1
    assert "NOT PROVED: Nobody is asked to book the kickoff" in said.out


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kickoff_invitation", "kickof_invitation", "no playbook has a step named 'kickof_invitation'"),
        ("at_most: 0", "at_most: 0\n    of: milestone:lunch", "no playbook has a milestone named 'lunch'"),
        ("at_most: 0", "at_msot: 0", "at_msot: unknown field"),
    ],
)
def test_a_mistake_is_told_with_its_line_before_anything_is_simulated(
    folder: Path, first90: First90, old: str, new: str, told: str
) -> None:
    (folder / POLICIES).write_text(NEVER.replace(old, new, 1), encoding="utf-8")
    said = first90("playbook", "check", str(folder), *FEW)
    assert said.code == 2
    words = " ".join(said.err.split())
    assert "policies.yaml, line " in words
    assert told in words
    assert "customers ..." not in said.err
