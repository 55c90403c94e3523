"""The texts about conflicts of priorities on the plan page, in English."""

from dataclasses import dataclass

from onboarding.model.schedule import Written
from onboarding.sentences.counted import Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashPhrases(Written):
    """What the plan page says about conflicts of priorities. A phrase keeps the names in braces of the English one, in
    any order."""

    heading: str = "Priorities that clash"
    clashes: str = "It clashes with something"
    """Leads from a piece of work to the form."""
    two_clash: str = "Two priorities clash? Tell us"
    sides: str = "{this} clashes with {other}"
    open_since: str = "not decided yet, open since {day}"
    decided_on: str = "decided on {day}: {decision}"
    goes_first: str = "{title} goes first"
    another_way: str = "It is settled in another way"
    decide: str = "Decide"

    raise_title: str = "What does {title} clash with?"
    raise_any: str = "Which two priorities clash?"
    raise_submit: str = "Ask for a decision"
    raise_intro: str = (
        "Your executive sponsor gets one mail that asks which goes first. They read these words, and not who wrote "
        "them."
    )
    raise_thanks: str = "Thank you. Your executive sponsor is asked; until it is decided, the plan stays as it is."
    raise_intro_ours: str = (
        "Your contact here asks at your company which goes first. This plan shows these words, and not who wrote them."
    )
    """Where no mail asks."""
    raise_thanks_ours: str = (
        "Thank you. Your contact here asks for a decision; until there is one, the plan stays as it is."
    )
    one_side: str = "What is wanted (a few words)"
    clashes_with: str = "What it clashes with (a few words)"
    no_side: Counted = Counted(
        one="Say in a few words what is wanted: at most {count} character, and not twice the same.",
        other="Say in a few words what is wanted: at most {count} characters, and not twice the same.",
    )

    decide_title: str = "Which goes first?"
    decide_label: str = "Your decision"
    decide_submit: str = "This is decided"
    none_to_decide: str = "There is no conflict of priorities here that is yours to decide."
    decided_already: str = "This is decided already; the plan shows how."
    no_decision: str = "Say how it is settled."
