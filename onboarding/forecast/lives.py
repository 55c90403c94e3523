"""What an onboarding would see if its open work were done on given days: its stalls, and its messages.

The same reviews decide as in live runs, on a copy of the case in memory; nobody answers, and the product is not used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from onboarding.model.case import Case, Fact
from onboarding.model.effect import EffectLine
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Channel, EffectState, FactKind, Stage
from onboarding.review_case import Reviewed, review_without_writes
from onboarding.simulation.apply import decided, delivered, learned

SOURCE = "what-if"
MOST_REVIEWS = 2000
"""More than any onboarding needs; a rule that asked for a review without end would stop here."""


@dataclass(kw_only=True)
class Life:
    """What happened until the end of the time looked at: each stall and each message once, with its first moment."""

    stalls: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    """Kind and subject of a stall to when it was first found, and its cause in words."""
    messages: dict[tuple[str, str, str, str], list[datetime]] = field(default_factory=dict)
    """Kind, occurrence (of a step of the playbook), channel and role of messages to when they leave."""


def assumed_facts(milestones: Mapping[str, datetime], stages: Mapping[Stage, datetime] | None = None) -> list[Fact]:
    """Return the facts by which milestones are done, and stages left, at these moments."""
    found = [_fact(FactKind.MILESTONE, name, at) for name, at in milestones.items()]
    return found + [_fact(FactKind.SKIP_STAGE, stage.value, at) for stage, at in (stages or {}).items()]


def lived(case: Case, playbook: Playbook, now: datetime, facts: list[Fact], until: datetime) -> Life:
    """Return what happens from ``now`` to ``until`` (UTC) if these facts come true. Pure; some 2 ms a review."""
    case, life, at = learned(case, facts), Life(), now
    steps = {step.name for step in playbook.steps}
    for _ in range(MOST_REVIEWS):
        found = review_without_writes(case, playbook, at)
        case = decided(case, found.review)
        for stall in found.review.stalls:
            life.stalls.setdefault((stall.kind, stall.about), (at, stall.cause))
        due = list(_due(case, at))
        for line in due:
            occurrence = line.occurrence if line.kind in steps else ""
            life.messages.setdefault((line.kind, occurrence, line.channel.value, line.role), []).append(at)
        case = delivered(case, {line.key for line in due}, at)
        following = at + timedelta(seconds=1) if due else _next(case, found, at)
        if following is None or following > until:
            break
        at = following
    return life


def _due(case: Case, now: datetime) -> Iterator[EffectLine]:
    for line in case.effects:
        if line.state is EffectState.PLANNED and line.due_at <= now and line.channel is not Channel.CRM:
            yield line


def _next(case: Case, found: Reviewed, now: datetime) -> datetime | None:
    ahead = [line.due_at for line in case.effects if line.state is EffectState.PLANNED]
    return min((at for at in (*found.review.next_at.values(), *ahead) if at is not None and at > now), default=None)


def _fact(kind: FactKind, name: str, at: datetime) -> Fact:
    return Fact(
        key=f"{SOURCE}:{kind}:{name}",
        kind=kind,
        name=name,
        at=at,
        learned_at=at,
        source=SOURCE,
        by=SOURCE,
        value={"reason": "assumed"},
    )
