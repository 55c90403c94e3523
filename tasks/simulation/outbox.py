"""Delivery in a simulation: messages are rechecked and composed as in live runs and kept in order; nothing leaves."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from integrations.ports import OutgoingMessage
from onboarding.booking.diary import Diary
from onboarding.effects.consequences import may_change_review
from onboarding.effects.daily_caps import Counted, admit
from onboarding.effects.notices import Notice, Ration, admit_notices
from onboarding.effects.payloads import ChatMethod, read_chat
from onboarding.model.case import Case
from onboarding.model.effect import Effect, Leased, PlannedEffect
from onboarding.model.playbook import Playbook
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.review_case import Reviewed
from tasks.delivery.payload_inputs import PayloadInputs
from tasks.delivery.recheck import Answer, Ready, prepare, rationed, with_room
from tasks.runtime.context import RunContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message or CRM row that was sent."""

    at: datetime
    effect: PlannedEffect
    onboarding: str
    """Its key; empty for a digest."""
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The result of one delivery, by onboarding."""

    sent: Mapping[str, Collection[str]]
    """Keys of the effects that were sent."""
    changes: Mapping[str, Sequence[EffectChange]]
    """Effects that were not sent: put off or cancelled."""


@dataclass
class Outbox:
    """Everything that was sent so far, and the state that further deliveries need."""

    context: RunContext
    sent: list[Sent] = field(default_factory=list)
    mails: list[OutgoingMessage] = field(default_factory=list)
    posts: list[OutgoingMessage] = field(default_factory=list)
    """Slack messages in order; written to the chat file in one call at the end: each call waits for the disk."""
    planned: dict[str, PlannedEffect] = field(default_factory=dict)
    """Planned effects by key: the lines of a case lack the data that composing a message needs."""
    threads: dict[str, str] = field(default_factory=dict)
    """Slack's ids of sent messages, by effect: those that the chat file will give to the posts in this order."""
    counted: Counted = field(default_factory=Counted)
    """Mails counted against the daily caps."""
    notices: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Slack messages that notified a reader, by reader and local day."""
    diary: Diary = field(default_factory=Diary)
    """What is taken of our people's time: at the start, and by the times that were offered since."""
    waiting: list[PlannedEffect] = field(default_factory=list)
    """Slack messages of no onboarding that were put off."""
    newest: int = 0
    """The last Slack id given, in microseconds."""

    def take(self, case: Case, effects: Iterable[PlannedEffect], now: datetime) -> None:
        """Keep what was planned; CRM rows count as sent at once."""
        for effect in effects:
            if effect.channel is Channel.CRM:
                self.sent.append(Sent(at=now, effect=effect, onboarding=case.key, recipient=effect.recipient))
            else:
                self.planned.setdefault(effect.key, effect)

    def deliver(self, seen: Iterable[Reviewed], now: datetime) -> Delivered:
        """Send what is due of these onboardings, mails before Slack, each channel in one batch as in a live run."""
        found = {one.case.key: one for one in seen}
        self._take_calls(found.values())
        due = [
            _leased(line, self.planned[line.key].data, key, now)
            for key, one in found.items()
            for line in one.case.effects
            if line.state is EffectState.PLANNED and line.due_at <= now
        ]
        sent: defaultdict[str, set[str]] = defaultdict(set)
        changes: defaultdict[str, list[EffectChange]] = defaultdict(list)
        for channel in (Channel.MAIL, Channel.SLACK):
            batch = sorted((one for one in due if one.channel is channel), key=lambda one: (one.due_at, one.key))
            answers = self._rechecked(batch, found, now)
            for effect, answer in zip(batch, answers, strict=False):
                if isinstance(answer, Ready):
                    self._send(answer, now)
                    sent[effect.onboarding_key or ""].add(effect.key)
                elif isinstance(answer, EffectChange):
                    changes[effect.onboarding_key or ""].append(answer)
            self.say((one for one in answers if isinstance(one, PlannedEffect)), now)
        return Delivered(sent=sent, changes=changes)

    def _take_calls(self, seen: Iterable[Reviewed]) -> None:
        """Take the calls that these onboardings have agreed on, so that their times are not offered."""
        for state in (one.review.state for one in seen):
            if owner := state.owner:
                for call in state.meetings.values():
                    self.diary.take(owner.id, call.at)

    def may_change_review(self, sent: Iterable[str], playbook: Playbook) -> bool:
        """Return whether the sending of these effects may change what a review at this moment finds, as a welcome
        does."""
        return any(may_change_review(self.planned[key].kind, playbook) for key in sent)

    def say(self, effects: Iterable[PlannedEffect], now: datetime) -> None:
        """Send Slack messages that belong to no onboarding: digests, gathered news, notes on absences."""
        put_off, self.waiting = self.waiting, []
        for effect in (*put_off, *effects):
            self.planned[effect.key] = effect
            if effect.state is not EffectState.PLANNED:
                continue
            if effect.due_at > now:
                self.waiting.append(effect)
                continue
            answer = prepare(_leased(effect, effect.data, None, now), None, self._inputs(now))
            for allowed in rationed([answer], {}, now, self._admitted):
                if isinstance(allowed, Ready):
                    self._send(allowed, now)
                elif isinstance(allowed, EffectChange) and allowed.state is EffectState.PLANNED:
                    self.waiting.append(replace(effect, due_at=allowed.due_at or now, because=allowed.because))

    def _rechecked(self, batch: Sequence[Leased], found: Mapping[str, Reviewed], now: datetime) -> Sequence[Answer]:
        """Recheck a batch of one channel; the messages that tell the news of several follow at the end. A reply to a
        message of the same batch waits, as in a live run."""
        inputs = self._inputs(now)
        answers = [prepare(effect, found[effect.onboarding_key or ""], inputs) for effect in batch]
        if any(effect.channel is not Channel.MAIL for effect in batch):
            return rationed(answers, found, now, self._admitted)
        return with_room(answers, found, now, lambda wanted: admit(wanted, self.counted)[1])

    def _admitted(self, asking: Sequence[Notice]) -> Ration:
        found = admit_notices(asking, self.notices)
        self.notices.update((one.person_id, one.day) for one in found.admitted)
        return found

    def _inputs(self, now: datetime) -> PayloadInputs:
        return PayloadInputs(context=self.context, as_of=now, provider_ids=dict(self.threads), diary=self.diary)

    def _send(self, ready: Ready, now: datetime) -> None:
        effect, outgoing = ready.effect, OutgoingMessage(key=ready.effect.key, payload=ready.payload)
        if effect.channel is Channel.MAIL:
            self.mails.append(outgoing)
        else:
            self._post(outgoing, now)
        planned = replace(self.planned[effect.key], recipient=ready.recipient, because=effect.because)
        self.sent.append(
            Sent(at=now, effect=planned, onboarding=effect.onboarding_key or "", recipient=ready.recipient)
        )

    def _post(self, outgoing: OutgoingMessage, now: datetime) -> None:
        self.posts.append(outgoing)
        if read_chat(outgoing.payload).method is ChatMethod.POST:
            self.newest = max(int(now.timestamp()) * 1_000_000, self.newest) + 100
            self.threads[outgoing.key] = f"{self.newest // 1_000_000}.{self.newest % 1_000_000:06d}"


def _leased(effect: Effect, data: Mapping[str, Any], onboarding_key: str | None, now: datetime) -> Leased:
    core = {one.name: getattr(effect, one.name) for one in fields(Effect)}
    return Leased(**core, data=data, onboarding_key=onboarding_key, attempts=1, lease_until=now)
