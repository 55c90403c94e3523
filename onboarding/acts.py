"""The acts for which a playbook may ask a second person."""

from enum import StrEnum


class Act(StrEnum):
    """An act that ``four_eyes:`` of a playbook can name."""

    SKIP_STAGE = "skip_stage"
    NOT_APPLICABLE = "not_applicable"
    """Call a milestone not applicable, by which an exit criterion is met."""
    CLOSE = "close"
    ADOPT_PLAYBOOK = "adopt_playbook"
    STOP = "stop"
    START = "start"
    FORGET = "forget"


OF_ALL = frozenset({Act.STOP, Act.START, Act.FORGET})
"""Acts that are about no single onboarding: they need a second person where any playbook in use says so."""
