"""Anchors: the moments from which dates count, and how holds move those dates."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from onboarding.dates.working_time import add_working_days
from onboarding.model.case import Case, Hold
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Due, Offset
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import Stage
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The moments of the anchors of ``schedule.Due`` except ``stage``."""

    moments: Mapping[str, datetime | None]
    milestones: Mapping[str, Milestone]

    def get(self, anchor: str) -> datetime | None:
        """Return the moment of an anchor in UTC; None if it is not known yet."""
        if anchor.startswith(OF_MILESTONE):
            milestone = self.milestones.get(anchor[len(OF_MILESTONE) :])
            return milestone.done_at if milestone else None
        return self.moments.get(anchor)


OF_MILESTONE = "milestone:"


def dates(case: Case, state: OnboardingState) -> Anchors:
    """Return every anchor of ``schedule.Due`` except ``stage``, which depends on the stage of the date."""
    moments = {
        "signature": case.signed_at,
        "kickoff": state.kickoff_at,
        "go_live": state.go_live_at,
        "activation": state.activated_at,
        "target": state.target_at,
        "check_ins": state.check_in_anchor_at,
    }
    return Anchors(moments=moments, milestones=state.milestones)


def deadlines(case: Case, anchors: Anchors, stage: Stage, stage_times: Mapping[Stage, datetime]) -> Anchors:
    """Return ``anchors`` for the due dates of work of ``stage``, with the entry of the stage added.

    In the first two stages, which count from the signature, no date counts from before first90 first saw the deal.
    The later stages begin when the work before them was done, whenever it was seen.
    """
    moments = {**anchors.moments, "stage": stage_times.get(stage)}
    if stage in COUNT_FROM_SIGHT:
        known = {name: at for name in ("signature", "stage") if (at := moments[name]) is not None}
        moments |= {name: max(at, case.begins_at) for name, at in known.items()}
    return Anchors(moments=moments, milestones=anchors.milestones)


COUNT_FROM_SIGHT = frozenset({Stage.HANDOFF, Stage.KICKOFF})


def moment(due: Due, anchor_at: datetime | None, case: Case, now: datetime) -> datetime | None:
    """Return the moment that ``due`` means in UTC: anchor plus offset, moved by the holds in between.

    Working days are those of the account's country in its zone. None if the anchor is not known yet.
    """
    return None if anchor_at is None else shift(after(anchor_at, due, case), anchor_at, case.holds, now)


def after(at: datetime, offset: Offset, case: Case) -> datetime:
    """Return the moment ``offset`` after ``at``, without regard to holds."""
    if offset.working_days:
        zone, country = case.account.zone or "UTC", case.account.country
        return add_working_days(at, offset.working_days, zone, case.calendar(country))
    return at + timedelta(days=offset.days, hours=offset.hours)


def shift(at: datetime, counted_from: datetime, holds: Sequence[Hold], now: datetime) -> datetime:
    """Return ``at`` moved by the holds that stopped the clock between ``counted_from`` and it.

    Only holds that resume with ``shift`` move a date. A hold counts up to its end, its planned end, or ``now``;
    where two overlap, the time counts once.
    """
    if not holds:
        return at
    stopped_until = counted_from
    for hold in sorted(holds, key=lambda hold: hold.since):
        start = max(hold.since, stopped_until)
        end = hold.ended_at or hold.until or now
        if hold.resume == "shift" and start < at and end > start:
            at += end - start
            stopped_until = end
    return at


def target(case: Case, playbook: Playbook, now: datetime) -> datetime:
    """Return when the onboarding should end: the playbook's days after the signature, moved by holds."""
    return shift(case.signed_at + timedelta(days=playbook.target.days), case.signed_at, case.holds, now)


def check_ins_from_target(playbook: Playbook, target_at: datetime) -> datetime:
    """Return the moment from which check-ins of an account without a go-live count from its target date."""
    return target_at + timedelta(days=playbook.go_live_grace_days)


def check_in_anchor(
    case: Case,
    playbook: Playbook,
    kickoff_at: datetime | None,
    go_live_at: datetime | None,
    target_at: datetime,
    now: datetime,
) -> datetime | None:
    """Return the moment from which check-ins count; None while it is not known (DE-1)."""
    if playbook.check_in_anchor == "signature":
        return case.signed_at
    if playbook.check_in_anchor == "kickoff":
        return kickoff_at
    if go_live_at is None and now > check_ins_from_target(playbook, target_at):
        return target_at
    return go_live_at
