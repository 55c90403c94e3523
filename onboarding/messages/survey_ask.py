"""Whether a mail may contain a survey question: not during a hold or an escalation, and not too often per person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.escalations.episodes import open_episode
from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Channel, EffectState, Status
from onboarding.stages import is_stopping

COOL_DOWN = timedelta(days=30)
"""Time without any question to a person after a question to them or an answer. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPart:
    """The question in a mail; all fields are empty if it has none."""

    question: str = ""
    url: str = ""
    """The URL of its page, valid for this recipient only."""


NO_SURVEY = SurveyPart()


def may_ask(case: Case, state: OnboardingState, playbook: Playbook, person_id: str, now: datetime) -> bool:
    """Return whether this person may be asked at ``now`` (UTC): not during a hold, not while an escalation is open, and
    not within the cool-down of the person."""
    if case.progress.status is Status.ON_HOLD or any(is_stopping(hold, now) for hold in case.holds):
        return False
    episode = open_episode(case.episodes)
    if episode is not None and episode.level > 0:
        return False
    asking = {step.name for step in playbook.steps if step.mail is not None and step.mail.survey is not None}
    times = [answer.at for answer in state.surveys if answer.person == person_id]
    times += [
        line.sent_at
        for line in case.effects
        if line.kind in asking
        and line.person_id == person_id
        and line.channel is Channel.MAIL
        and line.state is EffectState.SENT
        and line.sent_at is not None
    ]
    return all(now - at >= COOL_DOWN for at in times if at <= now)
