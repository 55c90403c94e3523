"""The ways out of a simulation: messages composed as they would be sent, kept in order, and nothing leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from integrations.ports import OutgoingMessage
from onboarding.dates.working_time import next_open
from onboarding.model.case import Case
from onboarding.model.effect import EffectLine, Leased, PlannedEffect
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.review_case import Reviewed
from onboarding.simulation.apply import delivered, given_up
from tasks.delivery.payloads import Desk, NothingToSend, WaitsForParent, compose
from tasks.runtime.context import RunContext

WAIT = timedelta(hours=1)
"""How long a reply waits before it looks for its message again; ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message or CRM row that went out."""

    at: datetime
    effect: PlannedEffect
    onboarding: str
    """Its key; nothing for a digest."""
    recipient: str


@dataclass
class Post:
    """Everything that was sent so far, and what is needed to send more."""

    context: RunContext
    sent: list[Sent] = field(default_factory=list)
    mails: list[OutgoingMessage] = field(default_factory=list)
    posts: list[OutgoingMessage] = field(default_factory=list)
    """For Slack, in order; one call to the chat file writes them at the end, as each would cost a wait for the disk."""
    planned: dict[str, PlannedEffect] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    """Slack's ids of what is out, by effect: those that the chat file will give to the posts in this order."""
    newest: int = 0
    """The last of these ids, in microseconds."""

    def take(self, case: Case, effects: Iterable[PlannedEffect], now: datetime) -> None:
        """Remember what was planned; CRM rows go out at once."""
        for effect in effects:
            if effect.channel is Channel.CRM:
                self.sent.append(Sent(at=now, effect=effect, onboarding=case.key, recipient=effect.recipient))
            else:
                self.planned.setdefault(effect.key, effect)

    def deliver(self, found: Reviewed, case: Case, now: datetime) -> tuple[Case, bool]:
        """Send what is due of one onboarding; answers the case after it, and whether anything went out."""
        due = [line for line in case.effects if line.state is EffectState.PLANNED and line.due_at <= now]
        out: list[str] = []
        for line in sorted(due, key=lambda line: (line.due_at, line.key)):
            effect = self._effect(line)
            opens_at = self._opens_at(effect, found, now)
            if opens_at > now:
                case = _put_off(case, line.key, opens_at)
                continue
            try:
                self._send(effect, found, now)
                out.append(line.key)
            except WaitsForParent as error:
                case = _waits_for(case, line.key, str(error), now)
            except NothingToSend as error:
                case = given_up(case, line.key, str(error))
        return delivered(case, out, now), bool(out)

    def say(self, effect: PlannedEffect, payload: Mapping[str, object], now: datetime) -> None:
        """A Slack message that belongs to no onboarding: somebody's digest."""
        self._post(OutgoingMessage(key=effect.key, payload=payload), now)
        self.sent.append(Sent(at=now, effect=effect, onboarding="", recipient=effect.recipient))

    def _send(self, effect: PlannedEffect, found: Reviewed, now: datetime) -> None:
        desk = Desk(context=self.context, as_of=now, provider_ids=self.threads)
        outgoing = OutgoingMessage(
            key=effect.key, payload=compose(_leased(effect, found, now), found, desk, effect.recipient)
        )
        if effect.channel is Channel.MAIL:
            self.mails.append(outgoing)
        else:
            self._post(outgoing, now)
        self.sent.append(Sent(at=now, effect=effect, onboarding=found.case.key, recipient=effect.recipient))

    def _post(self, outgoing: OutgoingMessage, now: datetime) -> None:
        self.posts.append(outgoing)
        if outgoing.payload["method"] == "chat.postMessage":
            self.newest = max(int(now.timestamp()) * 1_000_000, self.newest) + 100
            self.threads[outgoing.key] = f"{self.newest // 1_000_000}.{self.newest % 1_000_000:06d}"

    def _effect(self, line: EffectLine) -> PlannedEffect:
        """What was planned, under its present address; of what was owed before the start only the line is known."""
        planned = self.planned.get(line.key)
        if planned is None:
            planned = PlannedEffect(
                key=line.key,
                kind=line.kind,
                occurrence=line.occurrence,
                channel=line.channel,
                person_id=line.person_id,
                recipient=line.recipient,
                role=line.role,
                due_at=line.due_at,
                because=line.because,
                expires_at=line.expires_at,
                data={"parent": line.key, "episode": line.occurrence.partition(".")[0]},
            )
        return replace(planned, recipient=line.recipient, because=line.because)

    def _opens_at(self, effect: PlannedEffect, found: Reviewed, now: datetime) -> datetime:
        reader = found.person(effect.person_id) or found.case.owners.get(effect.person_id)
        zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
        return next_open(now, zone, found.case.calendar(country), found.playbook.pace.hours)


def _waits_for(case: Case, key: str, parent: str, now: datetime) -> Case:
    """A reply or an edit waits for the message it belongs to, and falls with it."""
    states = {line.key: line.state for line in case.effects}
    if states.get(parent, EffectState.CANCELLED) in (EffectState.CANCELLED, EffectState.DEAD):
        return given_up(case, key, "its message never went out")
    return _put_off(case, key, now + WAIT)


def _put_off(case: Case, key: str, at: datetime) -> Case:
    lines = (replace(line, due_at=at) if line.key == key else line for line in case.effects)
    return replace(case, effects=tuple(lines))


def _leased(effect: PlannedEffect, found: Reviewed, now: datetime) -> Leased:
    return Leased(
        key=effect.key,
        onboarding_key=found.case.key,
        channel=effect.channel,
        kind=effect.kind,
        occurrence=effect.occurrence,
        person_id=effect.person_id,
        recipient=effect.recipient,
        role=effect.role,
        due_at=effect.due_at,
        expires_at=effect.expires_at,
        because=effect.because,
        data=effect.data,
        payload=None,
        attempts=1,
        in_doubt=False,
        lease_until=now,
    )
