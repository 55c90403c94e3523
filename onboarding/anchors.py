"""From which moment a date counts, and what becomes of it while the clock is stopped."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from onboarding.case import Case, Hold
from onboarding.playbook import Playbook
from onboarding.schedule import Due, Offset
from onboarding.standing import Standing
from onboarding.words import Stage
from onboarding.working_time import add_working_days


def dates(
    case: Case,
    standing: Standing,
    stage: Stage | None = None,
    stage_times: Mapping[Stage, datetime] | None = None,
) -> Mapping[str, datetime | None]:
    """Every anchor of ``playbook.Due`` with its moment in UTC, None where it is not known yet.

    ``stage`` is the stage whose entry counts for ``from: stage``; ``stage_times`` the entries, by default
    those last saved.
    """
    times = case.progress.stage_times if stage_times is None else stage_times
    return {
        "signature": case.signed_at,
        "stage": times.get(stage) if stage else None,
        "kickoff": standing.kickoff_at,
        "go_live": standing.go_live_at,
        "activation": standing.activated_at,
        "target": standing.target_at,
        "check_ins": standing.check_in_anchor_at,
        **{f"milestone:{name}": milestone.done_at for name, milestone in standing.milestones.items()},
    }


def deadlines(
    case: Case, standing: Standing, stage: Stage, stage_times: Mapping[Stage, datetime]
) -> Mapping[str, datetime | None]:
    """The same for dates by which work is to be done. In the first two stages, which count from the signature, none
    counts from before our first sight of the deal; the later stages begin by what was done, whoever saw it."""
    found = dates(case, standing, stage, stage_times)
    if stage not in COUNT_FROM_SIGHT:
        return found
    moved = {name: max(at, case.begins_at) for name in ("signature", "stage") if (at := found[name]) is not None}
    return {**found, **moved}


COUNT_FROM_SIGHT = frozenset({Stage.HANDOFF, Stage.KICKOFF})


def moment(due: Due, anchor_at: datetime | None, case: Case, now: datetime) -> datetime | None:
    """The moment that ``due`` means, in UTC: anchor and offset, later by the time the clock stood still in
    between.

    Working days are those of the account's country in its zone. None where the anchor is not known yet.
    """
    return None if anchor_at is None else shift(after(anchor_at, due, case), anchor_at, case.holds, now)


def after(at: datetime, offset: Offset, case: Case) -> datetime:
    """``offset`` after ``at``, holds left aside."""
    if offset.working_days:
        zone, country = case.account.zone or "UTC", case.account.country
        return add_working_days(at, offset.working_days, zone, case.calendar(country))
    return at + timedelta(days=offset.days, hours=offset.hours)


def shift(at: datetime, counted_from: datetime, holds: Iterable[Hold], now: datetime) -> datetime:
    """``at`` moved by the holds that stopped the clock between ``counted_from`` and it.

    Only holds that resume with ``shift`` move a date. A hold counts up to its end, its planned end, or
    ``now``; where two overlap, the time counts once.
    """
    stopped_until = counted_from
    for hold in sorted(holds, key=lambda hold: hold.since):
        start = max(hold.since, stopped_until)
        end = hold.ended_at or hold.until or now
        if hold.resume == "shift" and start < at and end > start:
            at += end - start
            stopped_until = end
    return at


def target(case: Case, playbook: Playbook, now: datetime) -> datetime:
    """When the onboarding should have ended: so many days after the signature, moved by holds."""
    return shift(case.signed_at + timedelta(days=playbook.target.days), case.signed_at, case.holds, now)


def check_ins_from_target(playbook: Playbook, target_at: datetime) -> datetime:
    """From this moment on an account without a go-live has its check-ins counted from its target date."""
    return target_at + timedelta(days=playbook.go_live_grace_days)


def check_in_anchor(
    case: Case,
    playbook: Playbook,
    kickoff_at: datetime | None,
    go_live_at: datetime | None,
    target_at: datetime,
    now: datetime,
) -> datetime | None:
    """The moment from which check-ins count; None while it is not known (DE-1)."""
    if playbook.check_in_anchor == "signature":
        return case.signed_at
    if playbook.check_in_anchor == "kickoff":
        return kickoff_at
    if go_live_at is None and now > check_ins_from_target(playbook, target_at):
        return target_at
    return go_live_at
