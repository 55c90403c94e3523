"""The metrics of a portfolio: the accounts' parts combined, in all and by tier, product, month of signature, owner."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from onboarding.metrics import estimates
from onboarding.metrics.definition import Definition, Figure
from onboarding.metrics.definitions import BY_NAME, DEFINITIONS, NAMES
from onboarding.metrics.estimates import Estimate
from onboarding.metrics.figures import AccountFigures, Part, Share, Span, Spans, Values
from onboarding.metrics.headlines import CLOCK
from onboarding.metrics.movement import Movement, movements
from onboarding.model.vocabulary import STAGES, Side, Status

Members = Sequence[AccountFigures]
NOBODY, UNNAMED = "nobody", "not named"
FASTEST = 0.25
"""The share of the accounts whose time is proposed as a target (SX-1)."""
OFFERED = frozenset({"tier", "product"})
"""Groups that may have a target of their own."""
TOO_FEW_REACHED = "fewer than half have reached it so far"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The metric for a group of the accounts."""

    name: str
    estimate: Estimate
    why: str | None = None
    differs: float | None = None
    """Of a time of accounts: the p-value of a log-rank test against all others. One account's users are too alike."""
    proposed: float | None = None
    """As in ``Metric``."""

    def as_json(self) -> dict[str, Any]:
        """Return the group as plain values."""
        found = {"group": self.name, **self.estimate.as_json(), "why": self.why}
        if self.differs is not None:
            found["log_rank_p"] = self.differs
        if self.proposed is not None:
            found["proposed_target"] = round(self.proposed, 4)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric with its groups."""

    definition: Definition
    estimate: Estimate
    why: str | None = None
    """Why there is no value, in words."""
    groups: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    proposed: float | None = None
    """Of a time: the days in which the fastest quarter of the accounts reached it, as a possible target."""

    @property
    def name(self) -> str:
        """Return the stable name."""
        return self.definition.name

    def as_json(self) -> dict[str, Any]:
        """Return the metric as plain values, with its definition."""
        told, benchmark = self.definition, self.definition.benchmark
        found = {
            "id": told.id,
            "name": told.name,
            "title": told.title,
            "level": told.level,
            "kind": told.kind,
            "unit": told.unit,
            **self.estimate.as_json(),
            "why": self.why,
            "definition": told.definition,
            "window": told.window,
            "groups": {by: [group.as_json() for group in groups] for by, groups in self.groups.items()},
        }
        if benchmark is not None:
            found["benchmark"] = asdict(benchmark)
        if self.proposed is not None:
            found["proposed_target"] = round(self.proposed, 4)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """The metrics of one moment, and the accounts from which they can be recomputed."""

    as_of: datetime
    since: datetime | None
    metrics: tuple[Metric, ...]
    accounts: tuple[AccountFigures, ...]
    movements: tuple[Movement, ...] = ()
    """The last full month compared with the one before."""

    def metric(self, name: str) -> Metric:
        """Return the metric of this name. Raise KeyError."""
        return next(one for one in self.metrics if one.definition is BY_NAME[name])

    def as_json(self) -> dict[str, Any]:
        """Return what ``report --json`` prints."""
        return {
            "as_of": self.as_of,
            "since": self.since,
            "metrics": [one.as_json() for one in self.metrics],
            "movements": [one.as_json() for one in self.movements],
            "accounts": [one.as_json(NAMES) for one in self.accounts],
        }


def compute(figures: Iterable[AccountFigures], as_of: datetime, since: datetime | None = None) -> Portfolio:
    """Return the metrics of these accounts at ``as_of``; ``since`` is the first signature of the selection.

    Pure; the order of the accounts does not matter. Cancelled onboardings are not counted.
    """
    accounts = tuple(sorted(figures, key=lambda one: (one.signed_at, one.deal_id)))
    counted = [one for one in accounts if one.status is not Status.CANCELLED]
    groups = {
        "tier": _grouped(counted, lambda one: one.tier),
        "product": _grouped(counted, lambda one: one.product or UNNAMED),
        "month": _grouped(counted, lambda one: one.month),
        "owner": _grouped(counted, lambda one: one.owner or NOBODY),
    }
    if not any(one.product for one in counted):
        del groups["product"]
    metrics = tuple(_metric(definition, counted, groups) for definition in DEFINITIONS)
    return Portfolio(as_of=as_of, since=since, metrics=metrics, accounts=accounts, movements=movements(counted, as_of))


def estimate(definition: Definition, members: Members) -> Estimate:
    """Return one metric of these accounts."""
    parts = [part for one in members if (part := one.parts.get(definition.name)) is not None]
    match definition.figure:
        case Figure.MEDIAN_TIME:
            # The users of one account are alike, so a figure of users is as small as its accounts are few.
            reached = [any(one.reached for one in some) for part in parts if (some := spans_of([part]))]
            few = estimates.few_times(len(reached), sum(reached))
            return replace(estimates.median_time(spans_of(parts)), small=few)
        case Figure.PROPORTION:
            return estimates.proportion([one for one in parts if isinstance(one, Share)])
        case Figure.RATIO:
            shares = [one for one in parts if isinstance(one, Share)]
            return estimates.within(estimates.ratio(shares), definition.lowest, definition.highest)
        case Figure.MEAN:
            values = [value for one in parts if isinstance(one, Values) for value in one.values]
            return estimates.within(estimates.mean(values, len(members)), definition.lowest, definition.highest)


def spans_of(parts: Iterable[Part | None]) -> list[Span]:
    """Return all spans among these parts."""
    found: list[Span] = []
    for part in parts:
        if isinstance(part, Span):
            found.append(part)
        elif isinstance(part, Spans):
            found += part.spans
    return found


def why_none(definition: Definition, found: Estimate) -> str | None:
    """Return why an estimate has no value, in words; None if it has one."""
    if found.value is not None:
        return None
    return TOO_FEW_REACHED if definition.figure is Figure.MEDIAN_TIME and found.of else definition.unknown


def _metric(definition: Definition, members: Members, groups: Mapping[str, Mapping[str, Members]]) -> Metric:
    found = estimate(definition, members)
    if definition.none_is_unknown and not found.value:
        found, groups = estimates.mean([], len(members)), {}
    by = (
        {name: _groups(definition, members, some, name in OFFERED) for name, some in groups.items()} if found.of else {}
    )
    if definition.name.startswith(CLOCK) and found.of:
        by["stage"] = _by_stage(definition, members)
    return Metric(
        definition=definition,
        estimate=found,
        why=why_none(definition, found),
        groups={name: some for name, some in by.items() if some},
        proposed=_proposed(definition, members),
    )


def _proposed(definition: Definition, members: Members) -> float | None:
    if definition.figure is not Figure.MEDIAN_TIME or definition.level != "account":
        return None
    return estimates.curve(_spans(definition, members)).quantile(FASTEST)


def _groups(definition: Definition, members: Members, some: Mapping[str, Members], offered: bool) -> tuple[Group, ...]:
    groups = []
    for name, own in some.items():
        found = estimate(definition, own)
        if not found.of:
            continue
        apart = None
        if definition.figure is Figure.MEDIAN_TIME and definition.level == "account" and len(some) > 1:
            mine = {one.deal_id for one in own}
            others = [one for one in members if one.deal_id not in mine]
            apart = estimates.differs(_spans(definition, own), _spans(definition, others))
        groups.append(
            Group(
                name=name,
                estimate=found,
                why=why_none(definition, found),
                differs=apart,
                proposed=_proposed(definition, own) if offered else None,
            )
        )
    return tuple(groups)


def _spans(definition: Definition, members: Members) -> list[Span]:
    return spans_of(one.parts.get(definition.name) for one in members)


def _by_stage(definition: Definition, members: Members) -> tuple[Group, ...]:
    """Return the share of one side's working hours in each stage."""
    side = Side(definition.name.removeprefix(CLOCK))
    counted = [one for one in members if definition.name in one.parts]
    groups = []
    for stage in STAGES:
        spent = [one.clock[stage] for one in counted if one.clock.get(stage)]
        shares = [Share(sides.get(side, 0.0), sum(sides.values())) for sides in spent]
        found = estimates.within(estimates.ratio(shares), definition.lowest, definition.highest)
        if found.of:
            groups.append(Group(name=stage.value, estimate=found))
    return tuple(groups)


def _grouped(members: Members, key: Callable[[AccountFigures], str]) -> Mapping[str, Members]:
    found: defaultdict[str, list[AccountFigures]] = defaultdict(list)
    for one in members:
        found[key(one)].append(one)
    return {name: found[name] for name in sorted(found)}
