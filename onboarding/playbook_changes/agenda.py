"""What lies ahead of one onboarding under one version of its playbook: milestones, messages and dates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from onboarding.model.effect import Effect, EffectLine, PlannedEffect
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import UNSENT, Channel, EffectState
from onboarding.review_case import Reviewed, review_context
from onboarding.simulation.apply import changed
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.pending import STALL

Place = tuple[str, str, str]
"""Kind, name and occurrence of an item."""


class ItemKind(StrEnum):
    """The kind of an item."""

    MILESTONE = "milestone"
    STEP = "step"
    DATE = "date"
    """The end of the present stage, or the target of the whole onboarding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that lies ahead, or a milestone that is settled."""

    kind: ItemKind
    name: str
    title: str
    at: datetime | None
    """When it is due (UTC); None while its anchor has no date."""
    occurrence: str = ""
    settled: str = ""
    """For a milestone that is not open: what became of it."""

    @property
    def place(self) -> Place:
        """Return what identifies it in both versions."""
        return self.kind.value, self.name, self.occurrence


def agenda(found: Reviewed, now: datetime) -> Mapping[Place, Item]:
    """Return everything that lies ahead after this review at ``now`` (UTC), a case not changed by it yet."""
    return {item.place: item for item in (*_milestones(found), *_messages(found, now), *_dates(found))}


def _milestones(found: Reviewed) -> Iterator[Item]:
    for one in found.review.milestones:
        settled = "" if one.status == "open" else one.status.replace("_", " ")
        yield Item(kind=ItemKind.MILESTONE, name=one.name, title=one.title, at=one.due_at, settled=settled)


def _dates(found: Reviewed) -> Iterator[Item]:
    stage, state = found.review.progress.stage, found.review.state
    yield Item(kind=ItemKind.DATE, name="target", title="Target of the onboarding", at=state.target_at)
    due_at = found.review.stage_due_at
    if due_at is not None:
        yield Item(kind=ItemKind.DATE, name=f"stage_{stage.value}", title=f"End of {stage.value}", at=due_at)


def _messages(found: Reviewed, now: datetime) -> Iterator[Item]:
    """Yield the messages of steps that are planned, due or ahead, each occurrence once, with its first reader's date;
    and those whose anchor has no date yet."""
    titles = {step.name: step.title for step in found.playbook.steps}
    moments: dict[tuple[str, str], datetime] = {}
    for upcoming in found.review.upcoming:
        moments[upcoming.step, upcoming.occurrence] = upcoming.due_at
    for effect in _unsent(found):
        place = effect.kind, effect.occurrence
        moments[place] = min(effect.due_at, moments.get(place, effect.due_at))
    for (name, occurrence), at in moments.items():
        yield Item(kind=ItemKind.STEP, name=name, title=titles.get(name, name), at=at, occurrence=occurrence)
    known = {name for name, _ in moments} | {one.step for one in (*found.case.touchpoints, *found.review.touchpoints)}
    for step in _undated(found, now):
        if step.name not in known:
            yield Item(kind=ItemKind.STEP, name=step.name, title=step.title, at=None, occurrence="1")


def _unsent(found: Reviewed) -> Iterator[PlannedEffect | EffectLine]:
    after = changed(found.case, found.review.changes).effects
    both: tuple[PlannedEffect | EffectLine, ...] = (*after, *found.review.effects)
    for effect in both:
        if effect.state in UNSENT and effect.channel is not Channel.CRM and effect.kind != STALL:
            yield effect


def _undated(found: Reviewed, now: datetime) -> Iterator[Step]:
    """Yield the steps that may still come and whose anchor has no date, or whose stages are ahead."""
    context = TouchpointContext.of(review_context(found.case, found.playbook, now))
    for step in found.playbook.steps:
        waits = context.anchor_at(step) is None or (step.while_in and context.entered(step) is None)
        if waits and not context.pointless(step) and (context.gate.state == "withheld" or context.gate.admits(step)):
            yield step


def sends(found: Reviewed) -> Mapping[str, tuple[Effect, datetime]]:
    """Return the messages that the review decides to send, by key, each with its moment."""
    lines = {line.key: line for line in found.case.effects}
    planned = {
        effect.key: (effect, effect.due_at)
        for effect in found.review.effects
        if effect.channel is not Channel.CRM and effect.state is EffectState.PLANNED
    }
    released = {
        change.key: (lines[change.key], change.due_at or lines[change.key].due_at)
        for change in found.review.changes
        if change.state is EffectState.PLANNED
        and lines[change.key].state is EffectState.WITHHELD
        and lines[change.key].channel is not Channel.CRM
    }
    return {**planned, **released}


def instant_text(at: datetime | None) -> str | None:
    """Return a moment as an ISO 8601 text in UTC; None for None."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
