"""The portfolio by stage: filtered onboardings, and the most urgent of each stage."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from onboarding.health.summary import is_of
from onboarding.model.vocabulary import LIVE, Stage, Status

Line = Mapping[str, Any]
"""One line of ``status --json``."""


class Attention(StrEnum):
    """Why an onboarding needs a person's attention."""

    STALLED = "stalled"
    CRITICAL = "critical"
    DECISION = "decision"
    """Nothing is sent until a person has decided."""
    HELD = "on_hold"
    ROLE = "role_unheld"
    """Work needs a role that nobody holds (RO-8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The filter of the board; an empty field does not filter."""

    owner: str = ""
    tier: str = ""
    health: str = ""
    """A band: ``green``, ``yellow``, ``red`` or ``unknown``."""
    attention: Attention | None = None
    stage: Stage | None = None
    text: str = ""
    """A part of the account's name, in any case."""
    misread: tuple[str, ...] = field(default=(), compare=False)
    """What was asked for and filters nothing, because there is no such value: a sentence for each."""

    def accepts(self, line: Line) -> bool:
        """Return whether the filter accepts this onboarding."""
        return (
            (not self.owner or is_of(line, self.owner))
            and (not self.tier or line["tier"] == self.tier)
            and (not self.health or line["health_band"] == self.health)
            and (self.attention is None or self.attention in attentions(line))
            and (self.stage is None or line["stage"] == self.stage.value)
            and (not self.text or self.text.casefold() in line["account_name"].casefold())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One stage of the board: how many are in it, and the first of them, the most urgent first."""

    stage: Stage
    lines: Sequence[Line]
    count: int
    stalled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The filtered portfolio."""

    asked: Filter
    columns: Sequence[Column]
    shown: int
    """How many the filter accepts."""
    live: int
    """How many are active or on hold, whatever the filter."""
    gone: int
    """How many are churned or cancelled; they are in no column."""
    attention: Mapping[Attention, int]
    """How many of the live ones need a person, by reason, whatever the filter."""
    owners: Sequence[str]
    tiers: Sequence[str]


def attentions(line: Line) -> tuple[Attention, ...]:
    """Return why an onboarding needs a person's attention; empty if it is over or needs none."""
    status = line["status"]
    if status not in _LIVE:
        return ()
    found = []
    if line["stalled_since"]:
        found.append(Attention.STALLED)
    if line["stall_severity"] == "critical":
        found.append(Attention.CRITICAL)
    if line["blocked"]:
        found.append(Attention.DECISION)
    if status == "on_hold":
        found.append(Attention.HELD)
    if line.get("unheld_roles"):
        found.append(Attention.ROLE)
    return tuple(found)


def chosen(lines: Iterable[Line], asked: Filter) -> list[Line]:
    """Return the onboardings that the filter accepts, without churned and cancelled ones, in the given order."""
    return [line for line in lines if line["status"] not in _GONE and asked.accepts(line)]


def arrange(lines: Sequence[Line], asked: Filter, most: int) -> Board:
    """Return the board of ``lines``, which are sorted by urgency; at most ``most`` of a stage are kept. Pure."""
    by_stage: dict[str, list[Line]] = {stage.value: [] for stage in Stage}
    stalled: Counter[str] = Counter()
    needed: Counter[Attention] = Counter()
    live = gone = 0
    everything = asked == Filter()
    for line in lines:
        status = line["status"]
        if status in _GONE:
            gone += 1
            continue
        why = attentions(line)
        for one in why:
            needed[one] += 1
        if status in _LIVE:
            live += 1
        if everything or asked.accepts(line):
            stage = line["stage"]
            by_stage[stage].append(line)
            if Attention.STALLED in why:
                stalled[stage] += 1
    return Board(
        asked=asked,
        columns=[
            Column(stage=stage, lines=found[:most], count=len(found), stalled=stalled[stage])
            for stage in Stage
            for found in [by_stage[stage]]
        ],
        shown=sum(map(len, by_stage.values())),
        live=live,
        gone=gone,
        attention=needed,
        owners=sorted(filter(None, {line["owner"] for line in lines} | {line.get("covers_for") for line in lines})),
        tiers=sorted({line["tier"] for line in lines}),
    )


_GONE = frozenset({Status.CHURNED.value, Status.CANCELLED.value})
_LIVE = frozenset(one.value for one in LIVE)
"""Plain text, as the lines have it: comparing with an enum takes several times as long, ten thousand times a page."""
