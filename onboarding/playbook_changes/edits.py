"""What people have changed on an onboarding by hand, and what a version of the playbook keeps of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from onboarding.model.case import Case
from onboarding.model.phrases import day_words, name_words
from onboarding.model.reports import as_learned, words
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import FactKind
from onboarding.review_case import Reviewed

_OF_MILESTONES = {
    FactKind.MILESTONE: "done",
    FactKind.MILESTONE_UNDONE: "reopened",
    FactKind.MILESTONE_WAIVED: "not_applicable",
    FactKind.MILESTONE_DUE: "due",
}
_OTHERS = {
    FactKind.TASK: "task_added",
    FactKind.SKIP_STAGE: "stage_skipped",
    FactKind.REASSIGN: "reassigned",
    FactKind.RETIER: "tier",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change by a person, the latest of its kind."""

    what: str
    name: str
    by: str
    at: datetime
    words: str


def edits(case: Case) -> tuple[Edit, ...]:
    """Return the edits that hold: of each milestone the last word on whether it is done and the last date, and what
    people decided on stages, roles, tier and tasks of this account."""
    found: dict[tuple[str, str], Edit] = {}
    for fact in as_learned(case.facts):
        what = _OF_MILESTONES.get(fact.kind) or _OTHERS.get(fact.kind)
        if what is not None:
            topic = "due" if what == "due" else "state" if fact.kind in _OF_MILESTONES else what
            told = words(fact) or str(fact.value.get("reason") or what.replace("_", " "))
            found[topic, fact.name] = Edit(
                what=what, name=fact.name, by=fact.by, at=fact.at, words=f"{name_words(fact.name)}: {told}"
            )
    return tuple(sorted(found.values(), key=lambda edit: (edit.at, edit.what, edit.name)))


def conflicts(before: Reviewed, after: Reviewed, made: tuple[Edit, ...]) -> Iterator[str]:
    """Yield in words where an edit and the new version do not agree: the edit holds, or has nothing to hold to."""
    old = {one.name: one for one in before.review.milestones}
    new = {one.name: one for one in after.review.milestones}
    for edit in made:
        if edit.what not in _OF_MILESTONES.values():
            continue
        if edit.name not in new:
            if edit.name in old:
                yield f"{edit.words} ({edit.by}); the new version has no such milestone, the fact is kept"
        elif edit.what == "due" and _redated(before, after, old.get(edit.name), new[edit.name]):
            due_at = new[edit.name].due_at
            stays = day_words(due_at) if due_at else "none"
            yield f"{edit.words} ({edit.by}); the new version has another date, {stays} stays"


def _redated(before: Reviewed, after: Reviewed, old: Milestone | None, new: Milestone) -> bool:
    """Return whether the versions give the milestone different dates."""
    plans = [{plan.name: plan.due for plan in one.playbook.milestones()} for one in (before, after)]
    return old is None or plans[0].get(new.name) != plans[1].get(new.name)
