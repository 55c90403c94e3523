"""How far forecasts were from what then happened: each is made with what was known on its day, and compared later."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from onboarding.dates.working_time import zone_of
from onboarding.forecast.forecast import forecast
from onboarding.metrics.known import Noted, as_known
from onboarding.model.vocabulary import STAGES, Stage
from onboarding.review_case import Reviewed, review_without_writes


class Miss(NamedTuple):
    """A forecast of the end of a stage, or of the go-live, made some days after the signature."""

    account: str
    after: int
    """Days since the signature."""
    what: str
    days: int
    """How many days later than forecast it happened; negative: earlier."""
    ahead: int
    """How many days it still lay ahead."""


def misses(one: Reviewed, journal: Iterable[Noted], days: Sequence[int]) -> list[Miss]:
    """Return how far the forecasts of each of these days after the signature were from the ends that one onboarding
    then saw. Ends that had passed on that day, or never came, are left out. Pure."""
    case, noted = one.case, tuple(journal)
    ends = _ends(one)
    found = []
    for after in days:
        at = case.signed_at + timedelta(days=after)
        if at < case.progress.opened_at:
            continue
        then = as_known(case, noted, at)
        seen = review_without_writes(then, one.playbook, at)
        made = forecast(then, seen.review, seen.playbook, at)
        expected = {stage.stage.value: stage.forecast for stage in made.stages if not stage.done}
        if made.go_live is not None and not made.go_live.done:
            expected["go_live"] = made.go_live.forecast
        today = at.astimezone(zone_of(case.account.zone or "UTC")).date()
        for what, day in expected.items():
            if day is not None and what in ends and ends[what] >= today:
                late, ahead = (ends[what] - day).days, (ends[what] - today).days
                found.append(Miss(case.account.name, after, what, late, ahead))
    return found


def _ends(one: Reviewed) -> Mapping[str, date]:
    """Return the days on which stages were left, and the go-live, as far as they were."""
    times, order = one.review.progress.stage_times, list(Stage)
    moments = {stage.value: times[order[order.index(stage) + 1]] for stage in STAGES if _left(stage, times)}
    live = one.review.state.milestones.get("go_live")
    if live is not None and live.done_at is not None:
        moments["go_live"] = live.done_at
    zone = zone_of(one.case.account.zone or "UTC")
    return {what: at.astimezone(zone).date() for what, at in moments.items()}


def _left(stage: Stage, times: Mapping[Stage, datetime]) -> bool:
    return list(Stage)[list(Stage).index(stage) + 1] in times
