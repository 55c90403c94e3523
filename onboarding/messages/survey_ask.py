"""Whether a mail may contain a survey question: not during a hold or an escalation, and not too often per person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.escalations.episodes import open_episode
from onboarding.model.case import Case
from onboarding.model.effect import Effect, EffectLine
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Channel, EffectState, Status
from onboarding.stages import is_stopping

COOL_DOWN = timedelta(days=30)
"""Time without any question to a person after a question to them or an answer. This project's choice."""

WAITING = frozenset({EffectState.PLANNED, EffectState.LEASED})
MAY_HAVE_LEFT = frozenset({EffectState.SENDING, EffectState.UNKNOWN})
"""States of a mail whose reader may have the question already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPart:
    """The question in a mail; all fields are empty if it has none."""

    question: str = ""
    url: str = ""
    """The URL of its page, valid for this recipient only."""


NO_SURVEY = SurveyPart()


def may_ask(case: Case, state: OnboardingState, playbook: Playbook, mail: Effect, now: datetime) -> bool:
    """Return whether ``mail`` may ask its reader at ``now`` (UTC): not during a hold, not while an escalation is open,
    not within the reader's cool-down, and not if another mail that is due asks before it."""
    if case.progress.status is Status.ON_HOLD or any(is_stopping(hold, now) for hold in case.holds):
        return False
    episode = open_episode(case.episodes)
    if episode is not None and episode.level > 0:
        return False
    asking = {step.name: step.priority for step in playbook.steps if step.mail and step.mail.survey}
    mine = [
        line
        for line in case.effects
        if line.kind in asking and line.person_id == mail.person_id and line.channel is Channel.MAIL
    ]
    times = [answer.at for answer in state.surveys if answer.person == mail.person_id]
    times += [line.sent_at for line in mine if line.state is EffectState.SENT and line.sent_at is not None]
    if any(now - at < COOL_DOWN for at in times if at <= now):
        return False

    def turn(one: Effect) -> tuple[int, str]:
        return -asking.get(one.kind, 0), one.key

    others = [line for line in mine if line.key != mail.key]
    if any(line.state in MAY_HAVE_LEFT and now - _latest(line) < COOL_DOWN for line in others):
        return False
    return not any(turn(line) < turn(mail) for line in others if line.state in WAITING and line.due_at <= now)


def _latest(line: EffectLine) -> datetime:
    """Return until when a mail in doubt may have left (UTC): it does not leave after it expired."""
    return max(line.due_at, line.expires_at or line.due_at)
