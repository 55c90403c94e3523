"""A case with the result of a review applied, its messages sent and people's reactions added.

The database does the same with rows; this serves the simulation, which applies thousands of reviews in memory. Pure.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from onboarding.effects.events import Event
from onboarding.effects.lifecycle import OF_CHANGE, transition
from onboarding.effects.recheck import ADDRESS_TAKEN
from onboarding.escalations.episodes import merged
from onboarding.model.case import Case, Fact, OtherMail
from onboarding.model.effect import TELLS, EffectLine, PlannedEffect, is_edit
from onboarding.model.reports import CORRECTIONS
from onboarding.model.review import EffectChange, Review
from onboarding.model.usage import MOST_NEEDED, SignalUse, Usage
from onboarding.model.usage import Event as UsageEvent
from onboarding.model.vocabulary import UNSENT, Channel, EffectState
from onboarding.values import replace

_NO_MAIL = frozenset({EffectState.WITHHELD, EffectState.DEAD, EffectState.CANCELLED})


def decided(case: Case, review: Review) -> Case:
    """Return the case with the review applied: progress, touchpoints, episodes, new effects and changes to unsent ones.

    A key exists once, and one address gets one mail for a step and occurrence. CRM rows are not kept, because no
    rule depends on their history.
    """
    lines = list(changed(case, review.changes).effects)
    known = {line.key for line in lines}
    addresses = {_address(line) for line in lines if line.state is not EffectState.CANCELLED}
    for effect in review.effects:
        if effect.channel is Channel.CRM or effect.key in known:
            continue
        line = as_line(effect)
        if line.channel is Channel.MAIL and line.state is not EffectState.CANCELLED:
            if _address(line) in addresses:
                continue
            addresses.add(_address(line))
        known.add(line.key)
        lines.append(line)
    return replace(
        case,
        version=case.version + 1,
        progress=review.progress,
        touchpoints=(*case.touchpoints, *review.touchpoints),
        episodes=merged(case.episodes, review.episodes),
        effects=tuple(lines),
    )


def as_line(effect: PlannedEffect) -> EffectLine:
    """Return a planned effect as the rules see it once it is stored."""
    return EffectLine(
        key=effect.key,
        kind=effect.kind,
        occurrence=effect.occurrence,
        channel=effect.channel,
        person_id=effect.person_id,
        target_id=effect.target_id,
        recipient=effect.recipient,
        role=effect.role,
        state=effect.state,
        due_at=effect.due_at,
        expires_at=effect.expires_at,
        sent_at=None,
        edits=is_edit(effect),
        tells=tuple(effect.data.get(TELLS, ())),
        because=effect.because,
    )


def delivered(case: Case, keys: Collection[str], at: datetime) -> Case:
    """Return the case with these effects sent."""
    return replace(
        case,
        effects=tuple(
            replace(line, state=EffectState.SENT, sent_at=at) if line.key in keys else line for line in case.effects
        ),
    )


def changed(case: Case, changes: Iterable[EffectChange]) -> Case:
    """Return the case with these changes to unsent effects, decided by a review or by the recheck before sending."""
    lines = {line.key: line for line in case.effects}
    for change in changes:
        line = lines.get(change.key)
        if line is not None and line.state in UNSENT:
            lines[change.key] = _readdressed(_changed(line, change), change.recipient, lines.values())
    return replace(case, effects=tuple(lines.values()))


def elsewhere(cases: Iterable[Case]) -> tuple[OtherMail, ...]:
    """Return the mails of one account's onboardings, in the form in which the others see them."""
    return tuple(
        OtherMail(
            onboarding_key=case.key,
            address=line.recipient.lower(),
            person_id=line.person_id,
            at=line.sent_at or line.due_at,
        )
        for case in cases
        for line in case.effects
        if line.channel is Channel.MAIL and line.state not in _NO_MAIL
    )


def learned(case: Case, facts: Iterable[Fact]) -> Case:
    """Return the case with these facts added; a repeated fact counts once."""
    known = {fact.key for fact in case.facts}
    return replace(case, facts=(*case.facts, *(fact for fact in facts if fact.key not in known)))


def acknowledged(case: Case, by: str, at: datetime) -> Case:
    """Return the case with its open episode acknowledged."""
    return replace(
        case,
        episodes=tuple(
            episode if episode.closed_at else replace(episode, acked_at=at, acked_by=by, answered_at=at)
            for episode in case.episodes
        ),
    )


def usage_read(case: Case, at: datetime, heard_at: datetime | None) -> Case:
    """Return the case with the usage data read up to ``at``, if a source is connected; ``heard_at`` is the last event
    of any account, where several are in use."""
    return replace(case, usage=replace(case.usage, read_at=at, heard_at=heard_at)) if case.usage.known else case


def used(case: Case, events: Iterable[tuple[str, str, datetime]], at: datetime, windowed: Collection[str] = ()) -> Case:
    """Return the case with further product usage, each event a (signal, user, moment), read at ``at``. ``windowed`` are
    the signals that the playbook counts within a window of days."""
    uses = {use.name: use for use in case.usage.signals}
    corrected = {fact.learned_at for fact in case.facts if fact.kind in CORRECTIONS}
    for name, user, moment in events:
        before = tuple(at for at in corrected if at < moment)
        uses[name] = _used(uses.get(name), name, (moment, user, 1), before, by_day=name in windowed)
    return replace(case, usage=Usage(known=True, read_at=at, signals=tuple(uses[name] for name in sorted(uses))))


def _used(
    use: SignalUse | None, name: str, event: UsageEvent, corrected: Sequence[datetime], *, by_day: bool
) -> SignalUse:
    at, user, _ = event
    if use is None:
        return SignalUse(name=name, total=1, users=1, first_at=at, last_at=at, events=(event,))
    users = {who for _, who, _ in use.events}
    return replace(
        use,
        total=use.total + 1,
        users=use.users + (user not in users),
        first_at=min(use.first_at, at),
        last_at=max(use.last_at, at),
        events=_with(use.events, event, by_day=by_day),
        after={**use.after, **{moment: tuple(sorted((*use.since(moment), event))) for moment in corrected}},
    )


def _with(events: tuple[UsageEvent, ...], event: UsageEvent, *, by_day: bool) -> tuple[UsageEvent, ...]:
    """Return the events with one more, unless it can date nothing: the signal, or where it is counted within a window
    its day (UTC), has as many as a detection may take, and some of the same user."""
    at, user, _ = event
    others = [one for one in events if one[0].date() == at.date()] if by_day else events
    kept = len(others) < MOST_NEEDED or user not in {who for _, who, _ in others}
    if kept:
        return tuple(sorted((*events, event)))
    # Of those beyond, each user's last one is kept: it tells who used the product lately.
    before = [one for one in others[MOST_NEEDED:] if one[1] == user]
    return tuple(sorted((*(one for one in events if one not in before), event)))


def _changed(line: EffectLine, change: EffectChange) -> EffectLine:
    return replace(
        line,
        state=transition(line.state, OF_CHANGE[change.state]).after(in_doubt=False, channel=line.channel),
        because=change.because,
        due_at=change.due_at or line.due_at,
        expires_at=change.expires_at or line.expires_at,
    )


def _readdressed(line: EffectLine, recipient: str | None, lines: Iterable[EffectLine]) -> EffectLine:
    """Return the effect at a new address of the same person; cancelled if the step has a mail to that address
    already."""
    if recipient is None or line.state not in UNSENT:
        return line
    there = replace(line, recipient=recipient)
    others = {_address(one) for one in lines if one.key != line.key and one.state is not EffectState.CANCELLED}
    if line.channel is Channel.MAIL and _address(there) in others:
        return replace(line, state=transition(line.state, Event.ADDRESS_TAKEN).to, because=ADDRESS_TAKEN)
    return there


def _address(line: EffectLine) -> tuple[str, str, str, str]:
    return (line.kind, line.occurrence, line.channel.value, line.recipient.lower())
