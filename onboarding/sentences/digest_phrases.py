"""The daily digest, in English."""

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPhrases(Written):
    """What a digest says. A phrase keeps the names in braces of the English one, in any order."""

    headline: str = "Onboarding on {day}: {things} at {customers}"
    headline_nothing: str = "Onboarding on {day}: nothing new"
    things: Counted = Counted(one="{count} thing", other="{count} things")
    customers: Counted = Counted(one="{count} customer", other="{count} customers")
    section_new: str = "New"
    section_worse: str = "Worse"
    section_better: str = "Better"
    section_due: str = "Due today"
    section_waiting: str = "Waiting for you"
    section_closed: str = "Closed in the last seven days"
    left: str = "and {count} more with the next digest"
    as_on: Counted = Counted(one="{count} thing stands as on {day}.", other="{count} things stand as on {day}.")
    besides: Counted = Counted(one="{count} thing stands besides.", other="{count} things stand besides.")
    all_on_board: str = "All of it on the board"

    handoff: str = "The customer was handed over without {items}. Write them into the deal; the handoff waits for them."
    due: str = "{title} is due on {day}."
    was_due: str = "{title} was due on {day}."
    done: str = "Done: {title}."
    said_level: str = "Now {level}: {cause}"
    said_eased: str = "No longer critical: {cause}"
    closed: str = "closed on {day} after {span}: {causes}."
    folded: str = "{count} more"
    closed_at: str = "closed at {customers}."
