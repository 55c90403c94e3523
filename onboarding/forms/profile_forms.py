"""The forms for what matters to one of the customer's people, and for where they stand."""

from collections.abc import Iterable, Iterator

from onboarding.forms.asked import Asked
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option
from onboarding.model.parties import BuyIn, Person, ProfileItem
from onboarding.model.vocabulary import CustomerRole
from onboarding.profiles.asking import asked_items
from onboarding.profiles.buy_in_words import position_sentence
from onboarding.profiles.request import LONGEST_ITEM
from onboarding.profiles.words import in_order, items_words, short_item
from onboarding.sentences.sentence import begun, joined, pattern, sentence
from onboarding.sentences.terms import role_name

MOST_PEOPLE = 20
"""People of whom the form says what is known. This project's choice."""


def profile(asked: Asked) -> Form | None:
    """Return the form; None where nobody is known. It says what is known already, so that nobody is asked twice."""
    people = list(_people(asked))
    if not people:
        return None
    return Form(
        kind=FormKind.PROFILE,
        title=sentence("forms.profile"),
        submit=sentence("forms.keep"),
        intro=(asked.case.account.name, *(_line(asked, person) for person, _ in people[:MOST_PEOPLE])),
        fields=(
            FormField(name="person", label=sentence("forms.person"), kind=FieldKind.CHOICE, options=_choices(people)),
            FormField(
                name="item",
                label=sentence("forms.profile_item"),
                kind=FieldKind.CHOICE,
                options=tuple(Option(item.value, begun(sentence(f"said.item_{item.value}"))) for item in ProfileItem),
            ),
            FormField(
                name="text",
                label=sentence("forms.profile_text"),
                kind=FieldKind.LINES,
                hint=sentence("forms.profile_hint", most=LONGEST_ITEM),
            ),
        ),
    )


def buy_in(asked: Asked) -> Form | None:
    """Return the form for where a person stands, with where each stands by now; None where nobody is known."""
    people = list(_people(asked))
    if not people:
        return None
    told = [
        pattern("{person}: {position}", person=person.name, position=position_sentence(position))
        for person, _ in people
        if (position := asked.state.positions.get(person.id)) is not None
    ]
    return Form(
        kind=FormKind.BUY_IN,
        title=sentence("forms.buy_in"),
        submit=sentence("forms.keep"),
        intro=(asked.case.account.name, *told[:MOST_PEOPLE]),
        fields=(
            FormField(name="person", label=sentence("forms.person"), kind=FieldKind.CHOICE, options=_choices(people)),
            FormField(
                name="stands",
                label=sentence("forms.buy_in_label"),
                kind=FieldKind.CHOICE,
                options=tuple(Option(one.value, begun(sentence(f"said.state_{one.value}"))) for one in BuyIn),
            ),
            FormField(
                name="why",
                label=sentence("forms.buy_in_why"),
                kind=FieldKind.LINES,
                hint=sentence("forms.buy_in_hint"),
            ),
        ),
    )


def _choices(people: Iterable[tuple[Person, tuple[str, ...]]]) -> tuple[Option, ...]:
    return tuple(
        Option(person.id, sentence("forms.person_roles", person=person.name, roles=roles)) for person, roles in people
    )


def item_in(text: str) -> ProfileItem | None:
    """Return the item that was chosen; None for none."""
    return ProfileItem(text) if text in set(ProfileItem) else None


def _people(asked: Asked) -> Iterator[tuple[Person, tuple[str, ...]]]:
    """Yield the people with a role whose address is known, in the order of the roles, each once."""
    holders = asked.state.holders
    people = {person.id: person for role in CustomerRole for person in holders.get(role, ()) if person.email}
    for person in people.values():
        yield person, tuple(role_name(role) for role in CustomerRole if person in holders.get(role, ()))


def _line(asked: Asked, person: Person) -> str:
    known = in_order(asked.state.profiles.get(person.id, {}))
    told = [short_item(item, said) for item, said in known]
    asks = asked_items(asked.case, asked.state, person.id)
    told += [sentence("forms.profile_unknown", items=items_words(asks))] if asks else []
    return pattern(
        "{person}: {told}", person=person.name, told=joined("; ", told or [sentence("forms.profile_handoff")])
    )
