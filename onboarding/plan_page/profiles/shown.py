"""What a reader of the plan page sees of their own profile, and what is asked of them. Pure."""

from dataclasses import dataclass

from onboarding.plan_page.context import PageContext
from onboarding.profiles.asking import asked_items
from onboarding.profiles.words import in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """The reader's own answers: the label and text of each; and what is asked still, in words, empty for nothing."""

    known: tuple[tuple[str, str], ...]
    asks: str


def profile_view(page: PageContext) -> ProfileView:
    """Return what matters to the reader. Nobody else's is read, whatever their role."""
    known = in_order(page.state.profiles.get(page.reader.id, {}))
    asked = asked_items(page.case, page.state, page.reader.id)
    labels = page.profile_words.labels
    return ProfileView(
        known=tuple((page.language.begun(labels[item]), said.text) for item, said in known),
        asks=page.language.formats.listed(labels[item] for item in asked),
    )
