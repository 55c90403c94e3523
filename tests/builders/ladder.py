"""A case on the escalation ladder over time."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from onboarding.escalations import ladder
from onboarding.facts.fold import fold_facts
from onboarding.model.case import Case, Stall
from onboarding.model.effect import PlannedEffect
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Concern, EffectState, Severity, Status
from onboarding.review_context import ReviewContext
from onboarding.simulation.apply import as_line
from tests.builders.case import CASE
from tests.builders.playbook import build_playbook

ALL = frozenset(Concern)
MONDAY = datetime(2026, 3, 9, 9, tzinfo=UTC)  # 10:00 in Berlin, where the CSM works
SINCE = MONDAY - timedelta(days=3)
STUCK = Stall(
    kind="stage_overdue",
    severity=Severity.WARNING,
    cause="Setup should have ended.",
    waiting_on="customer",
    since=SINCE,
    next_step="Call them",
)
WORSE = replace(STUCK, kind="champion_left", severity=Severity.CRITICAL, cause="The champion left.")
THIN = replace(STUCK, kind="thin_map", severity=Severity.LOW, cause="The map is thin.")


@dataclass
class LadderCase:
    """A case over time: the ladder's result is applied, and due messages are sent."""

    case: Case
    playbook: Playbook
    state: OnboardingState
    stalls: tuple[Stall, ...] = (STUCK,)
    sent: list[PlannedEffect] = field(default_factory=list)
    planned: dict[str, PlannedEffect] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)

    def review(self, now: datetime, *, send: bool = True, concerns: frozenset[Concern] = ALL) -> ladder.Climb:
        """Review once at ``now``."""
        owner = self.state.owner
        progress = replace(self.case.progress, owner_id=owner.id if owner else None)
        found = ladder.climb(
            ReviewContext(
                case=self.case,
                state=self.state,
                progress=progress,
                playbook=self.playbook,
                now=now,
                concerns=concerns,
            ),
            self.stalls,
        )
        episodes = {episode.number: episode for episode in (*self.case.episodes, *found.episodes)}
        lines = {line.key: line for line in self.case.effects}
        for effect in found.effects:
            assert effect.key not in lines, "a key exists once"
            lines[effect.key] = as_line(effect)
            self.planned[effect.key] = effect
        for change in found.changes:
            lines[change.key] = replace(
                lines[change.key], state=change.state, due_at=change.due_at or lines[change.key].due_at
            )
        self.kinds += [decision.kind for decision in found.decisions]
        self.case = replace(
            self.case, episodes=tuple(episodes.values()), effects=tuple(lines.values()), progress=progress
        )
        if send:
            self.deliver(now)
        return found

    def deliver(self, now: datetime) -> None:
        """Send what is due."""
        lines = []
        for line in self.case.effects:
            if line.state is EffectState.PLANNED and line.due_at <= now:
                self.sent.append(self.planned[line.key])
                line = replace(line, state=EffectState.SENT, sent_at=now)
            lines.append(line)
        self.case = replace(self.case, effects=tuple(lines))

    @property
    def episode(self) -> Any:
        """Return the last episode."""
        return self.case.episodes[-1]

    def answer(self, **fields: Any) -> None:
        """Change the last episode as a person does."""
        changed = replace(self.episode, **fields)
        self.case = replace(self.case, episodes=(*self.case.episodes[:-1], changed))

    def hold(self, status: Status = Status.ON_HOLD) -> None:
        """Put the case on hold, or end the hold."""
        self.case = replace(self.case, progress=replace(self.case.progress, status=status))

    def hand_over(self, owner_id: str) -> None:
        """Make another person accountable."""
        self.state = replace(self.state, owner=self.case.owners[owner_id])

    def parents(self) -> list[tuple[int, str]]:
        """Return episode and person of every new thread that was sent."""
        return [(one.data["episode"], one.person_id) for one in self.sent if one.data["parent"] == one.key]


def build_ladder_case(**changes: Any) -> LadderCase:
    """Return a fresh case with one stall, ready for review."""
    case, playbook = replace(CASE, **changes), build_playbook()
    return LadderCase(case=case, playbook=playbook, state=fold_facts(case, playbook, MONDAY))
