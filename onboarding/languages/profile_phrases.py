"""The texts about what matters to a reader of the plan page, in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from onboarding.model.parties import ProfileItem
from onboarding.model.schedule import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePhrases(Written):
    """What the plan page says about its reader's priorities, concerns, pain points and success. A phrase keeps the
    names in braces of the English one."""

    heading: str = "What matters to you"
    priorities: str = "your priorities"
    """This and the next three stand inside a sentence, and with a capital as labels."""
    concerns: str = "your concerns"
    pain_points: str = "what costs you time or money today"
    success: str = "what success is for you"
    elsewhere: str = "We know this since {day}, from another onboarding. Change it if it no longer holds."
    asks: str = "We do not know yet: {items}."
    tell: str = "Tell us"
    change: str = "Change or add"
    title: str = "What matters to you?"
    intro: str = "Your contacts here read this; your colleagues do not. Leave empty what you do not want to answer."
    submit: str = "Keep it"
    thanks: str = "Thank you. Nobody asks you for it again."
    nothing: str = "There is nothing to ask you here."
    nothing_new: str = "This is what we know already. Change it, or add another answer."
    no_words: str = "Say it in a few words, or leave it empty."

    @property
    def labels(self) -> Mapping[ProfileItem, str]:
        """Return what each item is called."""
        return {item: str(getattr(self, item.value)) for item in ProfileItem}
