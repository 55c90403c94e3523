"""What matters to a person, in words for the vendor's people. Pure."""

from collections.abc import Iterable, Mapping

from onboarding.model.parties import ItemSaid, ProfileItem
from onboarding.model.phrases import day_words, list_words

ITEM_WORDS: Mapping[ProfileItem, str] = {
    ProfileItem.PRIORITIES: "priorities",
    ProfileItem.CONCERNS: "concerns",
    ProfileItem.PAIN_POINTS: "pain points",
    ProfileItem.SUCCESS: "definition of success",
}


def item_sentence(item: ProfileItem, said: ItemSaid) -> str:
    """Return one item with its text in quotation marks: ``concerns: “the migration” (3 March 2026, cleo@…)``."""
    when = f"{day_words(said.at)}, " if said.at is not None else ""
    return f"{short_item(item, said)} ({when}{said.by})"


def short_item(item: ProfileItem, said: ItemSaid) -> str:
    """Return one item without who said it and when."""
    return f"{ITEM_WORDS[item]}: “{' '.join(said.text.split())}”"


def in_order(profile: Mapping[ProfileItem, ItemSaid]) -> tuple[tuple[ProfileItem, ItemSaid], ...]:
    """Return the items of a person in their order."""
    return tuple((item, profile[item]) for item in ProfileItem if item in profile)


def items_words(items: Iterable[ProfileItem]) -> str:
    """Return a list of items: ``concerns and pain points``."""
    return list_words(ITEM_WORDS[item] for item in items)
