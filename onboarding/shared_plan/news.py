"""One Slack message to the owner about everything that readers of the plan page said since the last one. Pure.

Answers come in a few at a time, so a message waits some minutes and gathers. Each message keeps which facts it tells:
where more came in before it left, it is cancelled and planned again with all of them. Facts may be erased and messages
cancelled in any order; every fact that is still known is told once.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from onboarding.model.case import Case, Fact
from onboarding.model.effect import TELLS, EffectLine, PlannedEffect
from onboarding.model.reports import as_learned
from onboarding.model.vocabulary import UNSENT, Channel, EffectState, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.named import PAGE

PLAN_ANSWERS = "plan_answers"
"""The kind of this message, which is no step of a playbook."""
ELSEWHERE = "another person is accountable now, and is told instead"
MORE = "more was said since, and one message tells all of it"
OVER = "nobody is told any more: "
"""Prefix of the reason where the onboarding is closed."""
COMES_BACK = (ELSEWHERE, MORE, OVER)
"""Why a message is cancelled whose facts are owed all the same."""
GATHERS = timedelta(minutes=10)
"""How long it waits for further answers. This project's choice."""


def answers(case: Case, now: datetime) -> tuple[Fact, ...]:
    """Return what was said on plan pages by ``now``, in the order of learning."""
    return tuple(fact for fact in as_learned(case.facts) if fact.source == PAGE and fact.at <= now)


def told_by(case: Case, key: str, now: datetime) -> tuple[Fact, ...]:
    """Return the answers that the message with this key tells: those that no other one has told."""
    said = answers(case, now)
    others = _settled((line for line in case.effects if line.key != key), said)
    mine = next((_tells(line, said) for line in case.effects if line.key == key), frozenset())
    return tuple(fact for fact in said if fact.key in mine - others)


def answer_news(context: ReviewContext) -> Iterator[PlannedEffect]:
    """Yield the message that is owed, if any: one for everything that no message tells."""
    case, owner = context.case, context.state.owner
    if owner is None:
        return
    said = answers(case, context.now)
    settled, failed = _settled(case.effects, said), _failed(case.effects, said)
    fresh = [fact for fact in said if fact.key not in settled | failed]
    if not fresh or any(line.state in UNSENT and why_no_news(context, line) is None for line in _news(case.effects)):
        return
    told = [fact.key for fact in said if fact.key not in settled]
    mark = sha256("\n".join(told).encode()).hexdigest()[:12]
    again = sum(1 for line in _news(case.effects) if _mark(line, owner.id) == mark)
    occurrence = f"{mark}.{again}" if again else mark
    yield PlannedEffect(
        key=f"{case.key}:{PLAN_ANSWERS}:{occurrence}:{Channel.SLACK.value}:{owner.id}",
        kind=PLAN_ANSWERS,
        occurrence=occurrence,
        channel=Channel.SLACK,
        person_id=owner.id,
        recipient=owner.email,
        role=VendorRole.CSM.value,
        due_at=max(fresh[0].learned_at + GATHERS, context.now),
        because="the customer's people answered on their plan page",
        data={TELLS: told},
    )


def why_no_news(context: ReviewContext, line: EffectLine) -> str | None:
    """Return why a message that has not left is not to leave as it is, in words; None if it is."""
    owner, said = context.state.owner, answers(context.case, context.now)
    if owner is None or owner.id != line.person_id:
        return ELSEWHERE
    settled, failed = _settled(context.case.effects, said), _failed(context.case.effects, said)
    known, tells = {fact.key for fact in said} - settled, _tells(line, said)
    if not known & tells:
        return "all of it was told by another message, or is not known any more"
    return MORE if known - failed - tells else None


def _news(lines: Iterable[EffectLine]) -> Iterator[EffectLine]:
    return (line for line in lines if line.kind == PLAN_ANSWERS)


def _mark(line: EffectLine, owner_id: str) -> str | None:
    return line.occurrence.partition(".")[0] if line.person_id == owner_id else None


def _tells(line: EffectLine, said: Sequence[Fact]) -> frozenset[str]:
    """Return the keys of the facts that a message tells. Those planned by an earlier program do not keep them: they
    tell as many as their occurrence says, from the first on."""
    if line.tells or not line.occurrence.isdecimal():
        return frozenset(line.tells)
    return frozenset(fact.key for fact in said[: int(line.occurrence)])


def _settled(lines: Iterable[EffectLine], said: Sequence[Fact]) -> frozenset[str]:
    """Return the keys of the facts that were told, are being told, or whose message a person cancelled."""
    open_states = {*UNSENT, EffectState.DEAD}
    told = (
        _tells(line, said)
        for line in _news(lines)
        if line.state not in open_states
        and not (line.state is EffectState.CANCELLED and line.because.startswith(COMES_BACK))
    )
    return frozenset().union(*told)


def _failed(lines: Iterable[EffectLine], said: Sequence[Fact]) -> frozenset[str]:
    """Return the keys of the facts whose message failed for good: the next one tells them too, but none is sent for
    them alone, which would fail again."""
    return frozenset().union(*(_tells(line, said) for line in _news(lines) if line.state is EffectState.DEAD))
