"""Which mails are drafts, and what people decided about each. Pure.

A decision is a fact, so it is stored once, has its line in the journal, and counts at the next review.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from onboarding.model.case import Case, Fact
from onboarding.model.effect import Effect, EffectLine
from onboarding.model.playbook import Playbook, Step
from onboarding.model.schedule import Draft
from onboarding.model.vocabulary import Channel, FactKind
from onboarding.values import dataclass

FIRST_CUSTOMER = "first_customers"
"""The name of the fact that the first mails of a customer are drafts."""
DRAFT_POST = "draft"
"""The kind of the Slack message that shows a draft to its owner."""
MAIL = "mail"
"""In the data of an edit of that message: the key of the mail that it shows."""
BY_MODE = Draft(source="ours")


class DraftDecision(StrEnum):
    """What a person did with a draft."""

    APPROVED = "approved"
    EDITED = "edited"
    """Changed its words; it still waits."""
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The state of a draft: the last decision that is no edit, and the words of the last edit."""

    decision: DraftDecision | None = None
    by: str = ""
    at: datetime | None = None
    reason: str = ""
    subject: str | None = None
    text: str | None = None
    """The body without its closing lines; None where nobody changed the words."""
    edited_by: str = ""
    learned: tuple[str, ...] = ()
    """The keys of its decisions, edits among them, in the order in which they were learned."""

    @property
    def is_edited(self) -> bool:
        """Return whether a person changed its words."""
        return self.text is not None

    @property
    def mark(self) -> str:
        """Return a short mark of its decisions: another one means that something was decided, or its words changed."""
        return sha256("\n".join(self.learned).encode()).hexdigest()[:12]

    @property
    def words(self) -> str:
        """Return the decision in a sentence; empty while there is none, or only other words."""
        if self.decision is None:
            return ""
        return f"{self.decision.capitalize()} by {self.by}{f': {self.reason}' if self.reason else ''}"


UNDECIDED = Decided()


def draft_of(case: Case, playbook: Playbook, step: Step) -> Draft | None:
    """Return how the mail of this step waits as a draft; None if it is sent without."""
    if step.mode == "draft":
        return step.draft or BY_MODE
    first = playbook.first_drafts
    if (
        first is None
        or step.mail is None
        or step.calendar is not None
        or (first.steps and step.name not in first.steps)
    ):
        return None
    return first.draft if any(_among_first(fact, playbook) for fact in case.facts) else None


def _among_first(fact: Fact, playbook: Playbook) -> bool:
    """Return whether the fact says so for the tier of this playbook; an old one names no tier and holds for each."""
    if fact.kind is not FactKind.DRAFT or fact.name != FIRST_CUSTOMER:
        return False
    return fact.value.get("tier") in (None, playbook.tier)


def useful_until(draft: Draft, due_at: datetime, expires_at: datetime) -> datetime:
    """Return the last useful moment of a draft that would have been sent at ``due_at`` (UTC)."""
    wait = draft.wait_hours
    return expires_at if wait is None else min(due_at + timedelta(hours=wait), expires_at)


def decided_on(facts: Iterable[Fact], key: str) -> Decided:
    """Return what people decided about the draft of the effect with this key, in the order in which it was learned."""
    decisions = decisions_by_draft(fact for fact in facts if fact.name == key).get(key)
    if not decisions:
        return UNDECIDED
    found: dict[str, Any] = {"learned": tuple(fact.key for fact in decisions)}
    for fact in decisions:
        value = fact.value
        if value.get("decision") == DraftDecision.EDITED:
            found |= {"subject": str(value["subject"]), "text": str(value["text"]), "edited_by": fact.by}
        elif "decision" not in found:
            decision = DraftDecision(str(value["decision"]))
            found |= {"decision": decision, "by": fact.by, "at": fact.at, "reason": str(value.get("reason") or "")}
    return Decided(**found)


def decisions_by_draft(facts: Iterable[Fact]) -> Mapping[str, Sequence[Fact]]:
    """Return the decisions by the key of the draft, those of each in the order in which they were learned."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind is FactKind.DRAFT:
            found[fact.name].append(fact)
    return {key: sorted(mine, key=lambda one: (one.learned_at, one.key)) for key, mine in found.items()}


def post_occurrence(mail: Effect) -> str:
    """Return the occurrence of the Slack message that shows this mail, the same whatever its step is called since."""
    return f"{mail.planned_as}.{mail.occurrence}.{mail.person_id}"


def shown_by(case: Case, post: Effect) -> EffectLine | None:
    """Return the mail that a Slack message shows; None if it is gone."""
    mails = (line for line in case.effects if line.channel is Channel.MAIL)
    return next((line for line in mails if post_occurrence(line) == post.occurrence), None)
