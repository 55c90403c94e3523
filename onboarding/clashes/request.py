"""A conflict of priorities as a person raises it, and what is refused. Pure."""

from onboarding.model.identity import one_line
from onboarding.stages.handoff import is_answer

LONGEST_SIDE = 160
"""Characters of one side. This project's choice: it stands in a sentence."""


class ClashRefused(ValueError):
    """The conflict cannot be raised as asked. ``field`` is the side that is wrong; the message says how to mend it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def checked_sides(this: str, other: str) -> tuple[str, str]:
    """Return both sides on one line each. Raises ClashRefused."""
    sides = {"this": one_line(this, LONGEST_SIDE + 1), "with": one_line(other, LONGEST_SIDE + 1)}
    for field, text in sides.items():
        if not is_answer(text) or sum(char.isalnum() for char in text) < 3:
            raise ClashRefused(field, f"{text!r} says too little; say in a few words what is wanted")
        if len(text) > LONGEST_SIDE:
            raise ClashRefused(field, f"it is longer than {LONGEST_SIDE} characters; shorten it")
    first, second = (text.rstrip(".") for text in sides.values())
    if first.casefold() == second.casefold():
        raise ClashRefused("with", "both sides say the same; say what it clashes with")
    return first, second
