"""The onboarding that a person is asked about, and what of it a form shows as known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from onboarding.clashes.clash import KINDS as ABOUT_CLASHES
from onboarding.clashes.clash import open_clashes
from onboarding.dates.working_time import zone_of
from onboarding.drafts.decisions import decided_on
from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.facts.milestones import done_or_waived
from onboarding.forms.form import FormKind, Option
from onboarding.model.case import Case, Episode
from onboarding.model.identity import one_spelling
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import STAGES, FactKind, Stage, Status
from onboarding.profiles.words import in_order
from onboarding.sentences.sentence import pattern

MENDS: Mapping[str, FormKind] = {
    "kickoff_not_booked": FormKind.CALL,
    "handoff_incomplete": FormKind.HANDOFF,
    "conflict_undecided": FormKind.DECISION,
}
"""The form that mends a stall, by the stall's kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The onboarding that a person is asked about, and the person's zone (IANA)."""

    case: Case
    state: OnboardingState
    playbook: Playbook
    now: datetime
    zone: str
    about: str = ""
    """What is chosen already: the name of a call, the key of a draft."""
    subject: str = ""
    text: str = ""
    """The words of that draft as it would leave now."""

    @property
    def today(self) -> date:
        """Return the day in the person's zone."""
        return self.now.astimezone(zone_of(self.zone)).date()

    def day_in(self, days: int) -> str:
        """Return the day so many days from today, as a form shows it."""
        return (self.today + timedelta(days=days)).isoformat()


def fingerprint(kind: FormKind, asked: Asked) -> str:
    """Return a short mark of everything that the form shows as known: another one means that it was changed since."""
    state = asked.state
    known: object = ""
    match kind:
        case FormKind.SNOOZE:
            known = [(one.number, str(one.snoozed_until)) for one in asked.case.episodes if one.closed_at is None]
        case FormKind.HAND_OVER:
            known = state.owner.id if state.owner else ""
        case FormKind.HOLD | FormKind.RESUME:
            known = [asked.case.progress.status.value, *(str(one.since) for one in asked.case.holds)]
        case FormKind.HANDOFF:
            known = sorted((item.value, text) for item, text in state.handoff.items())
        case FormKind.CALL:
            known = sorted((name, meeting.at.isoformat()) for name, meeting in state.meetings.items())
        case FormKind.DECISION:
            known = [one.number for one in open_clashes(asked.case.facts, asked.now)]
        case FormKind.PROFILE:
            known = sorted((one, in_order(items)) for one, items in state.profiles.items())
        case FormKind.BUY_IN:
            known = sorted((one, position.buy_in, str(position.at)) for one, position in state.positions.items())
        case FormKind.GOAL_VALUE:
            known = [(goal.metric, goal.value, str(goal.value_at)) for goal in state.goals]
        case FormKind.DRAFT:
            return decided_on(asked.case.facts, asked.about).mark
        case FormKind.RENEWAL:
            known = len([fact for fact in asked.case.facts if fact.kind is FactKind.RENEWAL])
    return sha256(repr(known).encode()).hexdigest()[:12]


def goal_id(metric: str) -> str:
    """Return a short id of a goal, as a metric may be longer than a choice's value."""
    return sha256(one_spelling(metric).encode()).hexdigest()[:16]


def open_work(state: OnboardingState, stage: Stage) -> tuple[Option, ...]:
    """Return the open milestones of a stage and of later ones, in groups by stage; in each what is due first comes
    first. The booking of a kickoff that was not held is among them, whatever the stage."""
    ahead = STAGES[STAGES.index(stage) :] if stage in STAGES else STAGES[-1:]
    held = done_or_waived(state.milestones.get("kickoff_held"))
    late = KICKOFF_CALL if not held else ""
    found = [
        one for one in state.milestones.values() if one.status == "open" and (one.stage in ahead or one.name == late)
    ]
    found.sort(key=lambda one: (STAGES.index(one.stage), one.due_at is None, str(one.due_at), one.title))
    return tuple(Option(one.name, one.title, pattern("{stage}", stage=one.stage)) for one in found)


def forms_of(case: Case, state: OnboardingState, episode: Episode | None = None) -> tuple[FormKind, ...]:
    """Return the forms that are of use for an onboarding now: what mends its stall first, where there is one."""
    held, stalled = case.progress.status is Status.ON_HOLD, episode is not None
    mend = MENDS.get(episode.kind) if episode is not None else None
    kinds = (
        (FormKind.RESUME, held),
        (mend or FormKind.SNOOZE, stalled),
        (FormKind.SNOOZE, stalled),
        (FormKind.RESOLVE, stalled),
        (FormKind.HAND_OVER, stalled),
        (FormKind.CALL, not held),
        (FormKind.HANDOFF, True),
        (FormKind.GOAL_VALUE, bool(state.goals)),
        (FormKind.GOAL, True),
        (FormKind.CONFLICT, case.progress.stage in STAGES),
        (FormKind.DECISION, any(fact.kind in ABOUT_CLASHES for fact in case.facts)),
        (FormKind.PROFILE, bool(state.holders)),
        (FormKind.BUY_IN, bool(state.holders)),
        (FormKind.TASK, case.progress.stage in STAGES),
        (FormKind.HOLD, not held),
        (FormKind.HAND_OVER, not stalled),
    )
    return tuple(dict.fromkeys(kind for kind, useful in kinds if useful))
