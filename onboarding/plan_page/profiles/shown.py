"""What a reader of the plan page sees of their own profile, and what is asked of them. Pure."""

from dataclasses import dataclass

from onboarding.model.parties import ItemSaid, ProfileItem
from onboarding.plan_page.context import PageContext
from onboarding.profiles.asking import asked_items
from onboarding.profiles.words import in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """One item of the reader's own: its label, its text and, of another onboarding, since when that is known."""

    label: str
    text: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """What is known of the reader, and what is asked still, in words, empty for nothing."""

    known: tuple[KnownItem, ...]
    asks: str


def profile_view(page: PageContext) -> ProfileView:
    """Return what matters to the reader. Nobody else's is read, whatever their role."""
    known = in_order(page.state.profiles.get(page.reader.id, {}))
    asked = asked_items(page.case, page.state, page.reader.id)
    labels = page.profile_words.labels
    return ProfileView(
        known=tuple(_known(page, item, said) for item, said in known),
        asks=page.language.formats.listed(labels[item] for item in asked),
    )


def _known(page: PageContext, item: ProfileItem, said: ItemSaid) -> KnownItem:
    label = page.language.begun(page.profile_words.labels[item])
    return KnownItem(label=label, text=said.text, since=_since(page, said))


def _since(page: PageContext, said: ItemSaid) -> str:
    if not said.elsewhere or said.at is None:
        return ""
    return page.profile_words.elsewhere.format(day=page.language.day(page.days.of(said.at)))
