"""The summary of an onboarding: the line of ``status``, its fields for the CRM, and its place in the list (HS-5)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from onboarding.escalations.causes import is_pressing
from onboarding.escalations.episodes import merged, open_episode, unresolved
from onboarding.health.score import Health, health, sum_words
from onboarding.model.case import Case
from onboarding.model.effect import EffectLine
from onboarding.model.identity import one_spelling
from onboarding.model.review import Review
from onboarding.model.vocabulary import LIVE, SEVERITIES, UNSENT, Channel, Side, Stage, Status, Tier, VendorRole
from onboarding.model.written.track import Phase
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The fields of ``status --json``; instants are in UTC."""

    account_id: str
    account_name: str
    deal_id: str
    tier: Tier
    playbook: str
    status: Status
    stage: Stage
    stage_entered_at: datetime | None
    stage_due_at: datetime | None
    signed_at: datetime
    target_at: datetime
    go_live_at: datetime | None
    activated_at: datetime | None
    next_touchpoint: str | None
    next_touchpoint_at: datetime | None
    adopted: bool
    stalled_since: datetime | None
    stall_cause: str | None
    stall_kind: str | None
    stall_severity: str | None
    waiting_on: str | None
    escalation_level: int
    owner: str | None
    health: int | None
    health_band: str
    health_reasons: str = ""
    """The score as a sum of its inputs; empty if it is unknown."""
    blocked: str | None = None
    """Why nothing is sent until a person has decided."""
    covers_for: str | None = None
    """The address of the accountable owner who is away, while ``owner`` covers."""
    phase: Phase = Phase.PRIMARY
    unheld_roles: tuple[str, ...] = ()
    """Roles of ours without a holder, and of the customer's whose work has come: ``vendor:implementation_engineer``."""

    @property
    def urgency(self) -> tuple[int, int, int, int, datetime, str]:
        """Return the sort key, most urgent first: live, worst stall, highest level, worst health, oldest."""
        stalled = SEVERITIES.index(self.stall_severity) if self.stall_severity in SEVERITIES else len(SEVERITIES)
        health = 100 if self.health is None else self.health
        since = self.stalled_since or self.stage_due_at or self.signed_at
        live = 0 if self.status in LIVE else 1
        return live, stalled, -self.escalation_level, health, since, self.deal_id

    def as_json(self) -> dict[str, Any]:
        """Return the fields as plain values: instants as ISO 8601 with a Z, enums as text."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def is_of(line: Mapping[str, Any], address: str) -> bool:
    """Return whether the onboarding of a ``status`` line is this person's: their own, or one in which they cover."""
    return one_spelling(address) in {one_spelling(line[name]) for name in ("owner", "covers_for") if line.get(name)}


def summarise(case: Case, review: Review, now: datetime, found: Health | None = None) -> Summary:
    """Return the summary of a review of ``case`` at ``now`` (UTC), with its health if that was ``found``. Pure."""
    state, progress = review.state, review.progress
    episodes = merged(case.episodes, review.episodes)
    stall = next(iter(unresolved(episodes, review.stalls)), None)
    if stall is not None and not is_pressing(stall.severity):
        stall = None
    episode = open_episode(episodes)
    step, step_at = _next_touchpoint(case, review, now)
    score = found or health(case, state, review.stalls, now)
    return Summary(
        account_id=case.account.id,
        account_name=case.account.name,
        deal_id=case.key,
        tier=state.tier,
        playbook=progress.playbook,
        status=progress.status,
        stage=progress.stage,
        stage_entered_at=progress.stage_times.get(progress.stage),
        stage_due_at=review.stage_due_at,
        signed_at=case.signed_at,
        target_at=state.target_at,
        go_live_at=state.go_live_at,
        activated_at=state.activated_at,
        next_touchpoint=step,
        next_touchpoint_at=step_at,
        adopted=progress.adopted_at is not None,
        stalled_since=stall.since if stall else None,
        stall_cause=stall.cause if stall else None,
        stall_kind=stall.kind if stall else None,
        stall_severity=stall.severity if stall else None,
        waiting_on=stall.waiting_on if stall else None,
        escalation_level=episode.level if episode else 0,
        owner=state.owner.email if state.owner else None,
        covers_for=state.covers[VendorRole.CSM].absent.email if VendorRole.CSM in state.covers else None,
        blocked=progress.blocked,
        phase=review.phase,
        unheld_roles=tuple(f"{one.side}:{one.role}" for one in review.unheld if one.since or one.side is Side.VENDOR),
        health=score.score,
        health_band=score.band,
        health_reasons=sum_words(score),
    )


def owed(case: Case, review: Review) -> tuple[tuple[datetime, str], ...]:
    """Return planned and unsent messages of steps by due date: earlier ones and those of this review."""
    fates = {change.key: change for change in review.changes}
    waiting = [
        (fates[line.key].due_at or line.due_at if line.key in fates else line.due_at, line.kind)
        for line in case.effects
        if _is_step(line) and (fates[line.key].state if line.key in fates else line.state) in UNSENT
    ]
    known = {line.key for line in case.effects}
    waiting += [
        (effect.due_at, effect.kind)
        for effect in review.effects
        if effect.channel is not Channel.CRM and effect.kind not in NO_STEPS and effect.key not in known
    ]
    return tuple(sorted(waiting))


NO_STEPS = frozenset({"stall", "digest", "draft", "onboarding", "milestone"})
"""Kinds of effects that are not touchpoints."""


def _is_step(line: EffectLine) -> bool:
    return line.channel is not Channel.CRM and line.kind not in NO_STEPS


def _next_touchpoint(case: Case, review: Review, now: datetime) -> tuple[str | None, datetime | None]:
    # What is due by now is left out: each message sent would change the line again.
    touchpoints = (*owed(case, review), *((one.due_at, one.step) for one in review.upcoming))
    ahead = [touchpoint for touchpoint in touchpoints if touchpoint[0] > now]
    if not ahead or review.progress.status in (Status.CHURNED, Status.CANCELLED):
        return None, None
    at, step = min(ahead)
    return step, at


def plain(value: Any) -> Any:
    """Return a value for JSON: instants as ISO 8601 with a Z, also inside lists and mappings."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
