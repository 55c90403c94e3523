"""What would change if milestones were done on other days: dates, stalls and messages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from onboarding.dates.working_time import zone_of
from onboarding.forecast.expected import noon_of
from onboarding.forecast.forecast import Experience, forecast
from onboarding.forecast.lives import Life, assumed_facts, lived
from onboarding.forecast.result import Forecast
from onboarding.model.case import Case
from onboarding.model.phrases import day_words, name_words, role_words
from onboarding.model.playbook import Playbook
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import LIVE
from onboarding.own_tasks.plan import playbook_of
from onboarding.review_case import review_without_writes
from onboarding.simulation.apply import learned

AFTERWARDS = timedelta(days=14)
"""How long after the later of the two ends stalls and messages are compared. This project's choice."""
LONGEST = timedelta(days=365)
"""Nothing later than this is compared."""


class ChangeKind(StrEnum):
    """What another date of a milestone changes."""

    GO_LIVE = "go_live"
    STAGE = "stage"
    MILESTONE = "milestone"
    STALL = "stall"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference; ``before`` is None for what would be new, ``after`` for what would not happen."""

    kind: ChangeKind
    name: str
    before: date | None
    after: date | None
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the change as plain values."""
        how = "appears" if self.before is None else "vanishes" if self.after is None else "moves"
        named = {"kind": self.kind, "name": self.name, "change": how}
        return {**named, "from": self.before, "to": self.after, "text": self.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The forecast as it is, the forecast under the assumption, and the differences."""

    assumed: Mapping[str, datetime]
    before: Forecast
    after: Forecast
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the forecast under the assumption, the assumption and the differences, as plain values."""
        return {
            **self.after.as_json(),
            "if": [{"milestone": name, "at": at} for name, at in self.assumed.items()],
            "changes": [one.as_json() for one in self.changes],
        }


def refusal(milestone: Milestone) -> str | None:
    """Return why nothing can be assumed of a milestone; None if it is open."""
    if milestone.status == "done":
        return f"{milestone.name} was done on {day_words(milestone.done_at) if milestone.done_at else 'an earlier day'}"
    return f"{milestone.name} does not apply: {milestone.reason}" if milestone.met else None


def what_if(
    case: Case,
    playbook: Playbook,
    now: datetime,
    assumed: Mapping[str, datetime],
    experience: Experience | None = None,
) -> WhatIf:
    """Return what changes at ``now`` if these milestones were done at these moments (all UTC).

    Pure: it works on copies of the case. Both ways are lived with all other open work done on its forecast day.
    """
    playbook = playbook_of(case, playbook, now)
    there = learned(case, assumed_facts({name: at for name, at in assumed.items() if at <= now}))
    before = _forecast(case, playbook, now, {}, experience)
    after = _forecast(there, playbook, now, assumed, experience)
    ends = [one.forecast for found in (before, after) for one in found.stages if one.forecast]
    zone = case.account.zone or "UTC"
    until = min(max([noon_of(max(ends), zone), *assumed.values()]) + AFTERWARDS if ends else now, now + LONGEST)
    was, will = _life(case, playbook, before, until), _life(there, playbook, after, until)
    changes = [*_dates(before, after), *_stalls(was, will, zone), *_messages(was, will, zone, _titles(playbook))]
    return WhatIf(assumed=assumed, before=before, after=after, changes=tuple(changes))


def _forecast(
    case: Case, playbook: Playbook, now: datetime, assumed: Mapping[str, datetime], experience: Experience | None
) -> Forecast:
    found = review_without_writes(case, playbook, now)
    return forecast(case, found.review, found.playbook, now, experience, assumed)


def _life(case: Case, playbook: Playbook, found: Forecast, until: datetime) -> Life:
    """Return the life in which open work is done, and each stage left, on the day of the forecast."""
    if found.status not in LIVE:
        return Life()
    zone, names = case.account.zone or "UTC", {plan.name for plan in playbook.milestones()}

    def moment(day: date) -> datetime:
        return max(noon_of(day, zone), found.as_of + timedelta(seconds=1))

    work = {
        one.name: moment(one.forecast)
        for one in found.milestones
        if not one.done and one.forecast and one.name in names
    }
    stages = {one.stage: moment(one.forecast) for one in found.stages if not one.done and one.forecast}
    return lived(case, playbook, found.as_of, assumed_facts(work, stages), until)


def _dates(before: Forecast, after: Forecast) -> Iterator[Change]:
    if before.go_live and after.go_live:
        yield from _moved(ChangeKind.GO_LIVE, "go_live", before.go_live.forecast, after.go_live.forecast)
    for was, will in zip(before.stages, after.stages, strict=False):
        yield from _moved(ChangeKind.STAGE, was.stage.value, was.forecast, will.forecast)
    later = {one.name: one for one in after.milestones}
    for one in before.milestones:
        if one.name != "go_live" and one.name in later:
            yield from _moved(ChangeKind.MILESTONE, one.name, one.forecast, later[one.name].forecast)


def _moved(kind: ChangeKind, name: str, before: date | None, after: date | None) -> Iterator[Change]:
    if before and after and before != after:
        days = (after - before).days
        span = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
        text = f"{name_words(name).capitalize()}: {span} {'later' if days > 0 else 'earlier'}"
        yield Change(kind=kind, name=name, before=before, after=after, text=text)


def _stalls(before: Life, after: Life, zone: str) -> Iterator[Change]:
    for key in dict.fromkeys([*before.stalls, *after.stalls]):
        was, will = before.stalls.get(key), after.stalls.get(key)
        days = _day(was[0], zone) if was else None, _day(will[0], zone) if will else None
        if days[0] != days[1]:
            cause = (will or was or ("", ""))[1]
            yield Change(kind=ChangeKind.STALL, name=key[0], before=days[0], after=days[1], text=cause)


def _messages(before: Life, after: Life, zone: str, titles: Mapping[str, str]) -> Iterator[Change]:
    """Yield the messages of steps that would leave on another day, appear or vanish; of other kinds, such as news of a
    stall, how many a role gets."""
    for key in dict.fromkeys([*before.messages, *after.messages]):
        was, will = before.messages.get(key, []), after.messages.get(key, [])
        days = _day(was[0], zone) if was else None, _day(will[0], zone) if will else None
        kind, _, channel, role = key
        text = f"{channel} to the {role_words(role)}: {titles.get(kind, name_words(kind))}"
        counted = kind not in titles
        if days[0] != days[1] or (counted and len(was) != len(will)):
            text += f", {len(will)} instead of {len(was)} messages" if counted else ""
            yield Change(kind=ChangeKind.MESSAGE, name=kind, before=days[0], after=days[1], text=text)


def _titles(playbook: Playbook) -> Mapping[str, str]:
    return {step.name: step.title for step in playbook.steps}


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(zone_of(zone)).date()
