"""A playbook that says only what differs from another one of its folder."""

import shutil
from pathlib import Path

import pytest

from config.files.mistakes import PlaybookError
from config.playbook_library.library import BUNDLED, load_library
from onboarding.model.vocabulary import Stage
from onboarding.playbook_changes.differences import differences
from tests.builders.tiers import HIGH, MID

EXTENDING = """tier: high
title: High touch, as mid with more
extends: mid
target: {days: 112}
pace: {mails_per_person_and_day: 3}
stages:
  setup:
    milestones:
      - name: security_review
        due: {days: 20}
      - name: pilot_reviewed
        title: Review the pilot
        side: vendor
        owner: csm
        due: {from: stage, days: 5, source: ours}
        source: ours
      - {name: requirements_documented, remove: true}
      - {name: validation_passed, after: [security_review]}
    exit: [security_review, integrations_connected, access_configured, validation_passed]
steps:
  - {name: win_celebration, remove: true}
stalls:
  thin_map: null
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bundled playbooks, with a high that says only what differs from mid."""
    made = tmp_path / "playbooks"
    shutil.copytree(BUNDLED, made)
    (made / "high.yaml").write_text(EXTENDING, "utf-8")
    return made


def mistakes(folder: Path, text: str) -> str:
    (folder / "high.yaml").write_text(text, "utf-8")
    with pytest.raises(PlaybookError) as caught:
        load_library(folder)
    return str(caught.value)


def test_it_is_the_other_one_with_what_it_says(folder: Path) -> None:
    library = load_library(folder)
    high, mid = library[HIGH].playbook, library[MID].playbook
    assert {(one.part, one.name, one.kind, one.field) for one in differences(mid, high)} == {
        ("playbook", "", "changed", "tier"),
        ("playbook", "", "changed", "title"),
        ("playbook", "", "changed", "target.days"),
        ("playbook", "", "changed", "pace.mails_per_person_and_day"),
        ("exit", "requirements_documented", "removed", "setup"),
        ("milestone", "requirements_documented", "removed", ""),
        ("milestone", "security_review", "changed", "due"),
        ("milestone", "pilot_reviewed", "added", ""),
        ("milestone", "validation_passed", "changed", "after"),
        ("step", "win_celebration", "removed", ""),
        ("stall", "thin_map", "removed", ""),
    }
    assert [plan.name for plan in high.stages[Stage.SETUP].milestones][-1] == "pilot_reviewed"


def test_a_change_of_the_other_one_changes_it_too(folder: Path) -> None:
    before = load_library(folder)[HIGH].hash
    mid = folder / "mid.yaml"
    mid.write_text(mid.read_text("utf-8").replace("thin_below: 3", "thin_below: 4"), "utf-8")
    assert load_library(folder)[HIGH].hash != before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("days: 112", "days: many", "high.yaml, line 4, target.days: 'many' does not fit"),
        ("days: 20", "days: soon", "high.yaml, line 10, stages.setup.milestones[0].due.days: 'soon' does not fit"),
        ("extends: mid", "extends: gold", "high.yaml, line 3, extends: there is no playbook 'gold' beside it"),
        ("name: win_celebration", "name: win_party", "line 21, steps[0]: there is no 'win_party' to take out"),
        ("title: Review the pilot", "titel: Review the pilot", "titel: unknown field"),
    ],
)
def test_a_mistake_is_told_with_the_line_of_this_file(folder: Path, old: str, new: str, told: str) -> None:
    assert told in mistakes(folder, EXTENDING.replace(old, new))


def test_two_that_extend_each_other_are_told(folder: Path) -> None:
    (folder / "mid.yaml").write_text("tier: mid\nextends: high\n", "utf-8")
    assert "it extends itself: " in mistakes(folder, EXTENDING)
