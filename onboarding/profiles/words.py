"""What matters to a person, in words for the vendor's people. Pure."""

from collections.abc import Iterable, Mapping

from onboarding.model.parties import ItemSaid, ProfileItem
from onboarding.sentences.sentence import joined, pattern, sentence
from onboarding.sentences.terms import utc_day

ITEM_WORDS: Mapping[ProfileItem, str] = {item: sentence(f"said.item_{item.value}") for item in ProfileItem}
ELSEWHERE = sentence("said.elsewhere")


def item_sentence(item: ProfileItem, said: ItemSaid) -> str:
    """Return one item with its text in quotation marks: ``concerns: “the migration” (3 March 2026, cleo@…)``, and
    whether it was said in another onboarding."""
    return _with(item, said, said.by)


def short_item(item: ProfileItem, said: ItemSaid) -> str:
    """Return one item without who said it; of another onboarding with its date."""
    return _with(item, said) if said.elsewhere else _quoted(item, said)


def _with(item: ProfileItem, said: ItemSaid, *by: str) -> str:
    when = [pattern("{day}", day=utc_day(said.at))] if said.at is not None else []
    details = joined(", ", [*when, *by, *([ELSEWHERE] if said.elsewhere else [])])
    return sentence("said.item_since", item=_quoted(item, said), details=details)


def _quoted(item: ProfileItem, said: ItemSaid) -> str:
    return sentence("said.item", item=ITEM_WORDS[item], text=" ".join(said.text.split()))


def in_order(profile: Mapping[ProfileItem, ItemSaid]) -> tuple[tuple[ProfileItem, ItemSaid], ...]:
    """Return the items of a person in their order."""
    return tuple((item, profile[item]) for item in ProfileItem if item in profile)


def items_words(items: Iterable[ProfileItem]) -> str:
    """Return a list of items: ``concerns and pain points``."""
    return pattern("{items}", items=tuple(ITEM_WORDS[item] for item in items))
