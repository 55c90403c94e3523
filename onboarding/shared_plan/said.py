"""What readers of the plan page said about work, as far as it is open: proposals, blockers, claims. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from onboarding.model.case import Fact
from onboarding.model.reports import known
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import FactKind
from onboarding.values import dataclass


class Blocker(StrEnum):
    """What blocks a piece of work of the customer's side, as they say."""

    VENDOR = "vendor"
    """They wait for the vendor."""
    TIME = "time"
    PEOPLE = "people"
    ACCESS = "access"
    DECISION = "decision"
    TECHNICAL = "technical"
    OTHER = "other"


BLOCKERS: Mapping[Blocker, str] = {
    Blocker.VENDOR: "it waits for us",
    Blocker.TIME: "no time for it at the moment",
    Blocker.PEOPLE: "the right person is missing",
    Blocker.ACCESS: "access or a permission is missing",
    Blocker.DECISION: "a decision is missing",
    Blocker.TECHNICAL: "a technical problem",
    Blocker.OTHER: "something else",
}
"""The causes in words that follow a colon, as the vendor says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSaid:
    """What was said about one piece of open work; None where nothing was."""

    claimed: Fact | None = None
    proposed: Fact | None = None
    """The date that was proposed last and that nobody has answered by setting one."""
    blocked: Fact | None = None

    @property
    def proposed_on(self) -> date | None:
        """Return the proposed day."""
        return day_of(self.proposed) if self.proposed else None

    @property
    def cause(self) -> Blocker | None:
        """Return what blocks it."""
        return cause_of(self.blocked) if self.blocked else None


NOTHING_SAID = WorkSaid()


def said_of_work(facts: Iterable[Fact], milestones: Mapping[str, Milestone], now: datetime) -> Mapping[str, WorkSaid]:
    """Return what was said about each open milestone. A claim is over once it is done or was undone, a proposal once
    any date was set since, a blocker once the reader says so."""
    found: dict[str, WorkSaid] = {}
    for fact in known(facts, now):
        so_far = found.get(fact.name, NOTHING_SAID)
        match fact.kind:
            case FactKind.MILESTONE_CLAIMED:
                found[fact.name] = replace(so_far, claimed=fact)
            case FactKind.MILESTONE_UNDONE:
                found[fact.name] = replace(so_far, claimed=None)
            case FactKind.DATE_PROPOSED:
                found[fact.name] = replace(so_far, proposed=fact)
            case FactKind.MILESTONE_DUE:
                found[fact.name] = replace(so_far, proposed=None)
            case FactKind.BLOCKED:
                found[fact.name] = replace(so_far, blocked=fact if cause_of(fact) else None)
    return {
        name: said
        for name, said in found.items()
        if said != NOTHING_SAID and (one := milestones.get(name)) is not None and one.status == "open"
    }


def cause_of(fact: Fact) -> Blocker | None:
    """Return what a ``blocked`` fact names; None where it says that nothing blocks any more."""
    cause = str(fact.value.get("cause") or "")
    return Blocker(cause) if cause in set(Blocker) else None


def day_of(fact: Fact) -> date | None:
    """Return the day that a ``date_proposed`` fact names; None if it cannot be read."""
    try:
        return date.fromisoformat(str(fact.value.get("due_on") or ""))
    except ValueError:
        return None


SETS_A_CALL = frozenset({FactKind.MEETING, FactKind.MILESTONE, FactKind.MILESTONE_UNDONE, FactKind.CALL_MISSED})
"""The facts that set or remove the time of a call."""


def call_proposal(facts: Iterable[Fact], meeting: str, now: datetime) -> Fact | None:
    """Return the time that was proposed last for a call and that nobody has answered by agreeing or cancelling one."""
    proposed = None
    for fact in known(facts, now):
        if fact.name == meeting and fact.kind is FactKind.CALL_PROPOSED:
            proposed = fact
        elif fact.name == meeting and fact.kind in SETS_A_CALL:
            proposed = None
    return proposed


def mail_pace(facts: Iterable[Fact], person_id: str, now: datetime) -> int | None:
    """Return every how many days a person wants status mails; None where they did not choose."""
    chosen = [fact for fact in known(facts, now) if fact.kind is FactKind.MAIL_PACE and fact.name == person_id]
    days = chosen[-1].value.get("days") if chosen else None
    return days if isinstance(days, int) and days > 0 else None
