"""Which of the vendor's people were told of a stall on Slack, and which are still to be told."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from onboarding.dates.wording import AT_THE_TERMINAL, Audience
from onboarding.escalations.readers import colleagues, rung_recipient
from onboarding.escalations.thread_lines import lines_of, parent_of, people_of
from onboarding.model.case import Case, Episode
from onboarding.model.effect import EffectLine
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.values import dataclass

SETTLE = "; settle it with first90 effects sent or retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The reasons why messages due by ``now`` (UTC) have not been sent, as far as they are known, and for whom they are
    put into words."""

    now: datetime
    halted: Mapping[Channel, str] = field(default_factory=dict)
    """Channels on which nothing is sent now, each with the reason: a stop, or an open breaker."""
    audience: Audience = AT_THE_TERMINAL

    def because(self, line: EffectLine) -> str:
        """Return the reason in words, for a message that is due or ahead."""
        match line.state:
            case EffectState.WITHHELD:
                return self.audience.told(line.because) or "kept back"
            case EffectState.UNKNOWN:
                return f"it may have arrived or not{self.audience.hint(SETTLE)}"
            case EffectState.LEASED | EffectState.SENDING:
                return "it is being sent now"
        if line.channel in self.halted:
            return self.halted[line.channel]
        return "planned" if line.due_at > self.now else "it leaves with the next delivery"


def told_of(case: Case, episode: Episode) -> frozenset[str]:
    """Return the ids of those whose first message was sent: owner ids, or the channel's."""
    first = {person: parent_of(lines_of(case, episode, person)) for person in people_of(case, episode)}
    return frozenset(person for person, line in first.items() if line is not None and line.state is EffectState.SENT)


def first_message(case: Case, episode: Episode, person_id: str) -> EffectLine | None:
    """Return the message that opens a person's thread, or was to open it; None if there never was one."""
    lines = lines_of(case, episode, person_id)
    return parent_of(lines) or next((line for line in reversed(lines) if line.state is EffectState.DEAD), None)


def told_sentences(
    case: Case, episode: Episode, state: OnboardingState, playbook: Playbook, waits: Waits
) -> tuple[str, ...]:
    """Return in sentences who was told, and when the others up to the episode's level will be, or why they were not.
    ``case`` is the case with the review applied."""
    rungs = playbook.ladder.rungs[: episode.level]
    recipients = [*(rung_recipient(rung, state) for rung in rungs), *colleagues(state, playbook, episode)]
    asked = {one.person_id: one.name for one in recipients}
    told = told_of(case, episode)
    former = sorted(told - asked.keys())
    names = [name for person, name in asked.items() if person in told] + [_name(case, person) for person in former]
    said = [f"Told on Slack: {', '.join(names)}."] if names else []
    for person, name in asked.items():
        if person not in told:
            said.append(f"{name} {_not_told(first_message(case, episode, person), waits)}.")
    return tuple(said)


def _name(case: Case, person_id: str) -> str:
    owner = case.owners.get(person_id)
    return owner.name if owner else "the managers' channel"


def _not_told(line: EffectLine | None, waits: Waits) -> str:
    if line is None:
        return "has not been told"
    if line.state is EffectState.DEAD:
        return f"could not be told on Slack: it was refused for good{waits.audience.hint(', first90 effects says why')}"
    if line.state is EffectState.UNKNOWN:
        return f"may have been told on Slack or not{waits.audience.hint(SETTLE)}"
    at = f" on {waits.audience.moment(line.due_at)}" if line.due_at > waits.now else ""
    because = waits.because(line)
    return f"will be told on Slack{at}" + ("" if because == "planned" else f"; it waits: {because}")
