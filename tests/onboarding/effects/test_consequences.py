"""Which messages change what a review finds once they are sent."""

from dataclasses import replace

import pytest

from config.playbook_library.library import load_library
from onboarding.effects.consequences import may_change_review
from onboarding.escalations.thread_lines import KIND as STALL
from onboarding.model.playbook import Playbook


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    return load_library()["mid"].playbook


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("welcome", "it proves a milestone, and who joins after it is new"),
        ("activation", "both sides were told"),
        ("check_in_7", "the check-ins were sent"),
        ("kickoff_call", "it invites to a call"),
        ("training_feedback", "it asks a question"),
        ("catch_up", "it is sent once for each newcomer"),
        ("plan_link", "it is of no step"),
    ],
)
def test_what_may_change_a_review_is_looked_at_again(playbook: Playbook, kind: str, why: str) -> None:
    assert may_change_review(kind, playbook), why


@pytest.mark.parametrize("kind", [STALL, "status_update", "risk_review", "win_celebration"])
def test_what_proves_nothing_is_not(playbook: Playbook, kind: str) -> None:
    assert not may_change_review(kind, playbook)


def test_a_draft_that_left_is_told_to_its_owner(playbook: Playbook) -> None:
    steps = tuple(replace(one, mode="draft") if one.name == "status_update" else one for one in playbook.steps)
    assert may_change_review("status_update", replace(playbook, steps=steps))


def test_each_step_that_a_milestone_names_is_looked_at_again() -> None:
    library = load_library()
    playbooks = [library[tier].playbook for tier in ("high", "mid", "tech")]
    named = [(name, one) for one in playbooks for plan in one.milestones() for name in plan.sent]
    assert named
    assert all(may_change_review(name, playbook) for name, playbook in named)
