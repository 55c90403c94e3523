"""The people on the plan page: the vendor's with how to reach them, and the customer's with their part."""

from collections.abc import Iterator
from dataclasses import dataclass

from onboarding.model.parties import Cover, Owner
from onboarding.model.vocabulary import VendorRole
from onboarding.plan_page.context import PageContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One of the people; ``email`` is given for the vendor's only."""

    name: str
    part: str
    email: str = ""
    booking_url: str = ""
    note: str = ""


def team(context: PageContext) -> Iterator[Contact]:
    """Yield the vendor's people who act for this customer, each once, the accountable one first."""
    state, parts = context.state, dict[str, list[str]]()
    language, known = context.language, context.language.words.titles
    people = {owner.id: owner for owner in (*([state.owner] if state.owner else []), *state.team.values())}
    change = state.transfer if state.transfer is not None and not state.transfer.over else None
    roles = dict(state.team)
    if change is not None and change.csm is not None:
        roles[VendorRole.CSM] = people[change.csm.id] = change.csm
    for role, owner in roles.items():
        if role in known:
            parts.setdefault(owner.id, []).append(known[role])
    covers = {cover.by.id: cover for cover in state.covers.values() if cover.by is not None}
    for owner_id, titles in sorted(parts.items(), key=lambda one: one[0] != (state.owner.id if state.owner else "")):
        owner, cover = people[owner_id], covers.get(owner_id)
        yield Contact(
            name=owner.name,
            part=language.formats.listed(titles),
            email=owner.email,
            booking_url=_page(context, owner),
            note=_note(context, owner_id, cover),
        )


def _page(context: PageContext, owner: Owner) -> str:
    """Return where calls with them are booked: the company's page, which many share, is named beside the accountable
    person alone."""
    first, page = context.state.owner, owner.booking_url or ""
    return "" if page == context.company_booking_url and (first is None or owner.id != first.id) else page


def _note(context: PageContext, owner_id: str, cover: Cover | None) -> str:
    """Return until when a person covers for another, or from when they are the contact after the specialist."""
    change, language = context.state.transfer, context.language
    if cover is not None:
        return context.words.cover.format(absent=cover.absent.name, day=language.day(cover.back))
    if change is None or change.over or change.csm is None or change.at is None or change.csm.id != owner_id:
        return ""
    return context.words.takes_over.format(specialist=change.specialist.name, day=language.day(change.at))


def colleagues(context: PageContext) -> Iterator[Contact]:
    """Yield the customer's people by role, the reader among them; no addresses."""
    parts: dict[str, list[str]] = {}
    names, language = {}, context.language
    for role, people in context.state.holders.items():
        for person in people:
            names[person.id] = person.name
            parts.setdefault(person.id, []).append(language.words.roles[role])
    if context.reader.id not in names:
        names[context.reader.id], parts[context.reader.id] = context.reader.name, [context.words.contact]
    for person_id, name in names.items():
        shown = context.words.and_you.format(name=name) if person_id == context.reader.id else name
        yield Contact(name=shown, part=language.formats.listed(parts[person_id]))
