"""The sections of the report's page besides the metrics: funnel, clocks, targets, check-ins, messages."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from onboarding.health.score import Band, band_of
from onboarding.metrics.clocks import WORKING_DAY
from onboarding.metrics.compute import Metric
from onboarding.metrics.figures import AccountFigures
from onboarding.model.vocabulary import LIVE, STAGES, Side, Stage, Status
from onboarding.model.written.track import Phase
from onboarding.usage.by_role import in_order
from onboarding.usage.use import RoleUse

Members = Sequence[AccountFigures]
BANDS: tuple[Band, ...] = ("green", "yellow", "red", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One stage of the funnel: the accounts that entered it, went on, or did not (ME-32)."""

    stage: Stage
    entered: int
    went_on: int
    left: tuple[AccountFigures, ...]
    """Accounts that churned in it."""
    here: tuple[AccountFigures, ...]
    """Still in it, the longest first."""

    @property
    def share(self) -> float | None:
        """Return the share that went on, of those that went on or churned."""
        ended = self.went_on + len(self.left)
        return self.went_on / ended if ended else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageClock:
    """Mean working days of an account in one stage, by the side whose move it was."""

    stage: Stage
    accounts: int
    days: Mapping[Side, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthMove:
    """Active accounts by band, now and thirty days before, and those that fell into a worse band."""

    now: Mapping[Band, int]
    before: Mapping[Band, int]
    fallen: tuple[AccountFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInLine:
    """One check-in of the playbooks over all accounts."""

    title: str
    settled: int
    fates: Mapping[str, int]
    """By outcome: sent, left to a person, left out, open."""
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The target of a tier in days as its accounts have it, beside the one proposed out of their own history."""

    tier: str
    days: float
    proposed: float
    small: bool


def funnel(accounts: Members) -> tuple[FunnelStep, ...]:
    """Return the funnel of the stages over all counted accounts."""
    order = list(Stage)
    steps = []
    for number, stage in enumerate(STAGES):
        entered = [one for one in accounts if stage in one.stage_times and one.status is not Status.CANCELLED]
        on = [one for one in entered if order[number + 1] in one.stage_times]
        stopped = [one for one in entered if order[number + 1] not in one.stage_times]
        here = sorted(
            (one for one in stopped if one.status in LIVE), key=lambda one: (one.stage_times[stage], one.deal_id)
        )
        left = tuple(one for one in stopped if one.left_at is not None)
        steps.append(FunnelStep(stage=stage, entered=len(entered), went_on=len(on), left=left, here=tuple(here)))
    return tuple(steps)


def phases(accounts: Members) -> Mapping[Phase, tuple[AccountFigures, ...]]:
    """Return the accounts under way or completed by their phase, in the order of the phases; those that left are in
    none (ST-10)."""
    here = [one for one in accounts if one.status in LIVE or one.status is Status.COMPLETED]
    return {phase: tuple(one for one in here if one.phase is phase) for phase in Phase}


def clocks(accounts: Members) -> tuple[StageClock, ...]:
    """Return the mean working days in each stage by side, over the accounts with known clocks."""
    counted = [one for one in accounts if any(name.startswith("clock_") for name in one.parts)]
    found = []
    for stage in STAGES:
        spent = [one.clock[stage] for one in counted if one.clock.get(stage)]
        if spent:
            days = {side: sum(sides.get(side, 0.0) for sides in spent) / len(spent) / WORKING_DAY for side in Side}
            found.append(StageClock(stage=stage, accounts=len(spent), days=days))
    return tuple(found)


def roles(accounts: Members) -> tuple[RoleUse, ...]:
    """Return activation by role, over the people of the stakeholder maps and users whose role the product gives, the
    least activated first, with what the others miss."""
    found: defaultdict[str, list[RoleUse]] = defaultdict(list)
    for one in accounts:
        for use in one.roles:
            found[use.role].append(use)
    totals = [
        RoleUse(
            role=role,
            people=sum(one.people for one in uses),
            seen=sum(one.seen for one in uses),
            activated=sum(one.activated for one in uses),
            missing=in_order(sum((Counter(dict(one.missing)) for one in uses), Counter[str]())),
        )
        for role, uses in found.items()
    ]
    return tuple(sorted(totals, key=lambda one: (one.activated / one.people, one.role)))


def health_moves(accounts: Members) -> HealthMove:
    """Return the health of the active accounts, compared with thirty days before."""
    live = [one for one in accounts if one.status in LIVE]
    now = Counter(band_of(one.health) for one in live)
    before = Counter(band_of(one.health_before) for one in live)
    fallen = [
        one
        for one in live
        if one.health is not None
        and one.health_before is not None
        and BANDS.index(band_of(one.health)) > BANDS.index(band_of(one.health_before))
    ]
    fallen.sort(key=lambda one: ((one.health or 0) - (one.health_before or 0), one.deal_id))
    return HealthMove(
        now={band: now[band] for band in BANDS},
        before={band: before[band] for band in BANDS},
        fallen=tuple(fallen),
    )


def check_ins(accounts: Members) -> tuple[CheckInLine, ...]:
    """Return what became of each check-in, in the order of their names."""
    found: defaultdict[tuple[int, str, str], list[tuple[str, bool]]] = defaultdict(list)
    for one in accounts:
        for seen in one.check_ins:
            number = "".join(sign for sign in seen.step if sign.isdigit())
            found[int(number or 0), seen.step, seen.title].append((seen.outcome, seen.answered))
    return tuple(
        CheckInLine(
            title=title,
            settled=len(seen),
            fates=Counter(outcome for outcome, _ in seen),
            answered=sum(answered for _, answered in seen),
        )
        for (_, _, title), seen in sorted(found.items())
    )


def aims(accounts: Members, value: Metric) -> tuple[Aim, ...]:
    """Return the target of each tier whose history proposes one (SX-1)."""
    return tuple(
        Aim(
            tier=group.name,
            days=median((one.target_at - one.signed_at).days for one in accounts if one.tier == group.name),
            proposed=group.proposed,
            small=group.estimate.small,
        )
        for group in value.groups.get("tier", ())
        if group.proposed is not None
    )


def counted(accounts: Members, what: str) -> tuple[tuple[str, int], ...]:
    """Return ``sent`` or ``promises`` summed over all accounts, the most first."""
    total: Counter[str] = Counter()
    for one in accounts:
        total.update(getattr(one, what))
    return tuple(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))
