"""Facts for the time after the onboarding: contacts who speak for the vendor, and lessons for the playbooks."""

from collections.abc import Sequence

from onboarding.model.case import Fact
from onboarding.model.parties import Advocate
from onboarding.model.state import Lesson
from onboarding.model.vocabulary import Advocacy, FactKind, Stage


def read_advocates(facts: Sequence[Fact]) -> tuple[Advocate, ...]:
    """Return one advocate per contact and kind; the last report counts (SX-15)."""
    found: dict[tuple[str, Advocacy], Advocate] = {}
    for fact in facts:
        if fact.kind == FactKind.ADVOCATE and fact.name in set(Advocacy):
            kind, person = Advocacy(fact.name), str(fact.value.get("person") or "")
            found[person, kind] = Advocate(person, kind, fact.value.get("consent") is True, fact.at, fact.by)
    return tuple(found.values())


def read_lessons(facts: Sequence[Fact]) -> tuple[Lesson, ...]:
    """Return every lesson that was recorded, in the order of ``facts`` (CT-5)."""
    return tuple(
        Lesson(
            fact.at,
            str(fact.value.get("text") or ""),
            Stage(fact.name) if fact.name in set(Stage) else None,
            fact.by,
        )
        for fact in facts
        if fact.kind == FactKind.LESSON
    )
