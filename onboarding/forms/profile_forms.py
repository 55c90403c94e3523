"""The forms for what matters to one of the customer's people, and for where they stand."""

from collections.abc import Iterable, Iterator

from onboarding.forms.asked import Asked
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option
from onboarding.model.parties import BuyIn, Person, ProfileItem
from onboarding.model.phrases import list_words, role_words
from onboarding.model.vocabulary import CustomerRole
from onboarding.profiles.asking import asked_items
from onboarding.profiles.buy_in_words import position_sentence
from onboarding.profiles.request import LONGEST_ITEM
from onboarding.profiles.words import ITEM_WORDS, in_order, items_words, short_item

MOST_PEOPLE = 20
"""People of whom the form says what is known. This project's choice."""


def profile(asked: Asked) -> Form | None:
    """Return the form; None where nobody is known. It says what is known already, so that nobody is asked twice."""
    people = list(_people(asked))
    if not people:
        return None
    return Form(
        kind=FormKind.PROFILE,
        title="What matters to them",
        submit="Keep it",
        intro=(asked.case.account.name, *(_line(asked, person) for person, _ in people[:MOST_PEOPLE])),
        fields=(
            FormField(name="person", label="Person", kind=FieldKind.CHOICE, options=_choices(people)),
            FormField(
                name="item",
                label="What it is about",
                kind=FieldKind.CHOICE,
                options=tuple(Option(item.value, words.capitalize()) for item, words in ITEM_WORDS.items()),
            ),
            FormField(
                name="text",
                label="In their words",
                kind=FieldKind.LINES,
                hint=f"They read it on their own plan page; at most {LONGEST_ITEM} characters.",
            ),
        ),
    )


def buy_in(asked: Asked) -> Form | None:
    """Return the form for where a person stands, with where each stands by now; None where nobody is known."""
    people = list(_people(asked))
    if not people:
        return None
    told = [
        f"{person.name}: {position_sentence(position)}"
        for person, _ in people
        if (position := asked.state.positions.get(person.id)) is not None
    ]
    return Form(
        kind=FormKind.BUY_IN,
        title="Where they stand",
        submit="Keep it",
        intro=(asked.case.account.name, *told[:MOST_PEOPLE]),
        fields=(
            FormField(name="person", label="Person", kind=FieldKind.CHOICE, options=_choices(people)),
            FormField(
                name="stands",
                label="Buy-in",
                kind=FieldKind.CHOICE,
                options=tuple(Option(one.value, one.value.capitalize()) for one in BuyIn),
            ),
            FormField(
                name="why",
                label="What they said or did",
                kind=FieldKind.LINES,
                hint="The customer never reads it. Who is against it is told to the owner as a stall.",
            ),
        ),
    )


def _choices(people: Iterable[tuple[Person, str]]) -> tuple[Option, ...]:
    return tuple(Option(person.id, f"{person.name}, {roles}") for person, roles in people)


def item_in(text: str) -> ProfileItem | None:
    """Return the item that was chosen; None for none."""
    return ProfileItem(text) if text in set(ProfileItem) else None


def _people(asked: Asked) -> Iterator[tuple[Person, str]]:
    """Yield the people with a role whose address is known, in the order of the roles, each once."""
    holders = asked.state.holders
    people = {person.id: person for role in CustomerRole for person in holders.get(role, ()) if person.email}
    for person in people.values():
        yield person, list_words(role_words(role) for role in CustomerRole if person in holders.get(role, ()))


def _line(asked: Asked, person: Person) -> str:
    known = in_order(asked.state.profiles.get(person.id, {}))
    told = [short_item(item, said) for item, said in known]
    asks = asked_items(asked.case, asked.state, person.id)
    told += [f"not known yet: {items_words(asks)}"] if asks else []
    return f"{person.name}: {'; '.join(told) or 'the handoff says what would be asked'}"
