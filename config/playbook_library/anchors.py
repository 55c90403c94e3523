"""Dates that never come: anchors that only steps can count from, named anywhere else."""

from collections.abc import Iterator

from config.files.marked_yaml import Path as Place
from onboarding.clashes.clash import ANCHOR
from onboarding.model.conditions.part import PlaybookPart
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Due
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.shared_plan.passed_calls import ANCHOR as MISSED

_OF_STEPS = {
    "meeting": "with calendar: counts",
    ANCHOR: "counts",
    JOINED: "counts",
    MISSED: "counts",
    "track": "of a track counts",
}


def anchor_problems(part: Playbook | PlaybookPart) -> Iterator[tuple[Place, str]]:
    """Yield the place and the problem of each date that counts from what only a step can count from."""
    for place, due in _dues(part):
        if due.anchor in _OF_STEPS:
            what = "joining" if due.anchor == JOINED else f"a {due.anchor.replace('_', ' ')}"
            yield (*place, "from"), f"only a step {_OF_STEPS[due.anchor]} from {what}"


def _dues(part: Playbook | PlaybookPart) -> Iterator[tuple[Place, Due]]:
    for stage, plan in part.stages.items():
        for number, one in enumerate(plan.milestones):
            yield ("stages", stage.value, "milestones", number, "due"), one.due
    if isinstance(part, Playbook):
        for stage, whole in part.stages.items():
            yield ("stages", stage.value, "allowed"), whole.allowed
        for number, track in enumerate(part.tracks):
            yield ("tracks", number, "begins"), track.begins
