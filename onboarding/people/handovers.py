"""Who handed a role over lately, to whom, and the note that they left. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from onboarding.model.case import Case
from onboarding.model.parties import Owner
from onboarding.model.reports import known
from onboarding.model.review import Task
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import FactKind, VendorRole
from onboarding.people.owners import owner_of
from onboarding.sentences.sentence import Short, sentence

WITHOUT_NOTE = "handed over in Slack"
"""The reason where nobody gave one."""
TOLD_FOR = timedelta(days=7)
"""How long a handover is told. This project's choice."""


class Handover(NamedTuple):
    """A role that a person gave to another, who holds it still."""

    role: VendorRole
    giver: str
    """The name; the address of who is no user of the CRM."""
    holder: Owner
    at: datetime
    note: str
    key: str


def handovers(case: Case, state: OnboardingState, now: datetime) -> Iterator[Handover]:
    """Yield the last handover of each role within a week, but for a role that its holder took over by themselves."""
    last = {fact.name: fact for fact in known(case.facts, now) if fact.kind == FactKind.REASSIGN}
    for name, fact in sorted(last.items()):
        if name not in set(VendorRole) or now - fact.at >= TOLD_FOR:
            continue
        role = VendorRole(name)
        holds = state.covers[role].absent if role in state.covers else state.team.get(role)
        giver = owner_of(case.owners, fact.by)
        if holds is None or holds.id != fact.value.get("owner_id") or (giver and giver.id == holds.id):
            continue
        reason = str(fact.value.get("reason") or "").strip()
        note = "" if reason == WITHOUT_NOTE else reason
        yield Handover(role, giver.name if giver else fact.by, holds, fact.at, note, fact.key)


def handover_tasks(case: Case, state: OnboardingState, now: datetime) -> Iterator[Task]:
    """Yield a line for the digest of whoever does the work of the role now: the holder, or who covers for them."""
    for one in handovers(case, state, now):
        acts = state.team[one.role]
        key = f"tasks.handed_{'to_you' if acts.id == one.holder.id else 'over'}{'_note' if one.note else ''}"
        named = {"giver": one.giver, "note": one.note, "holder": one.holder.name}
        text = sentence(key, **named)
        about = f"handed_over:{one.role.value}:{one.key}"
        yield Task(role=one.role.value, about=about, text=text, due_at=one.at, until=one.at + TOLD_FOR)


def handover_words(case: Case, state: OnboardingState, now: datetime, zone: str) -> str:
    """Return a sentence on how the accountable owner got the onboarding, with the day in ``zone``; empty if they have
    had it for longer."""
    found = (one for one in handovers(case, state, now) if one.role is VendorRole.CSM)
    one = next(found, None)
    if one is None:
        return ""
    day = Short(one.at, zone)
    if one.note:
        return sentence("posts.handed_over_note", person=one.giver, day=day, note=one.note)
    return sentence("posts.handed_over", person=one.giver, day=day)
