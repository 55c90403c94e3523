"""The acts for which a playbook may ask a second person."""

from collections.abc import Collection
from enum import StrEnum


class Act(StrEnum):
    """An act that ``four_eyes:`` of a playbook can name."""

    SKIP_STAGE = "skip_stage"
    NOT_APPLICABLE = "not_applicable"
    """Call a milestone not applicable, by which an exit criterion is met."""
    CLOSE = "close"
    ADOPT_PLAYBOOK = "adopt_playbook"
    """Move to another version of a playbook: adopt it, take that back, or follow new versions from now on."""
    RETIER = "retier"
    STOP = "stop"
    START = "start"
    FORGET = "forget"


OF_ALL = frozenset({Act.STOP, Act.START, Act.FORGET})
"""Acts that are about no single onboarding: they need a second person where any playbook in use says so."""


def is_asked(act: Act, four_eyes: Collection[Act]) -> bool:
    """Return whether a playbook with these ``four_eyes`` asks a second person for the act.

    Another tier leaves the playbook with all that it asks for, so it is asked about wherever the playbook names an act
    on one onboarding.
    """
    return act in four_eyes or (act is Act.RETIER and not OF_ALL.issuperset(four_eyes))
