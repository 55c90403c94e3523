"""What shows by itself that a milestone is done, and that what a playbook names is in it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum


class ProvenBy(StrEnum):
    """What first90's own records can show to prove a milestone."""

    HANDOFF_COMPLETE = "handoff_complete"
    TIER_SET = "tier_set"
    KICKOFF_BOOKED = "kickoff_booked"
    WELCOME_SENT = "welcome_sent"
    GOAL_MEASURABLE = "goal_measurable"
    GOALS_CONFIRMED = "goals_confirmed"
    """The customer's side confirmed the figures of each goal."""
    GOALS_VALUED = "goals_valued"
    """A value of each goal is known."""
    ACTIVATION_TOLD = "activation_told"
    SAME_OWNER = "same_owner"
    CHECK_INS_SENT = "check_ins_sent"
    ADVOCATE_RECORDED = "advocate_recorded"
    LESSON_RECORDED = "lesson_recorded"


BY_GOALS = frozenset({ProvenBy.GOALS_CONFIRMED, ProvenBy.GOALS_VALUED})
"""Proofs by goals as they stand, which the date of the kickoff decides too."""


Named = tuple[str, str, tuple[str, ...]]
"""A milestone or a step: its name, its anchor (``Due.anchor``), and the names that it mentions besides."""


def check_references(milestones: Sequence[Named], steps: Sequence[Named], tracks: Iterable[tuple[str, str]]) -> None:
    """Raise ValueError where a playbook names a milestone or a step that it has not.

    Milestones mention steps under ``sent``, steps mention milestones under ``unless``; tracks are names with anchors.
    """
    plans, messages = {name for name, _, _ in milestones}, {name for name, _, _ in steps}
    anchors = [(f"step {name}", anchor) for name, anchor, _ in steps]
    anchors += [(f"track {name}", anchor) for name, anchor in tracks]
    anchors += [(f"milestone {name}", anchor) for name, anchor, _ in milestones]
    for where, anchor in anchors:
        if anchor.startswith("milestone:") and anchor.removeprefix("milestone:") not in plans:
            raise ValueError(f"{where} counts from an unknown milestone: {anchor}")
    for step, _, unless in steps:
        if unknown := [name for name in unless if name not in plans]:
            raise ValueError(f"step {step}: unless names an unknown milestone: {unknown[0]}")
    for milestone, _, sent in milestones:
        if unknown := [name for name in sent if name not in messages]:
            raise ValueError(f"milestone {milestone}: sent names an unknown step: {unknown[0]}")
