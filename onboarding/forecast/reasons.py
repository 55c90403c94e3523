"""The reasons for every day between the forecast at signature and the present one.

Each date follows from the work before it, so the way back from a date is a chain, and what each link adds to the
difference sums to the whole of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from onboarding.forecast.expected import Basis, Expected, Pass
from onboarding.model.phrases import MONTHS, name_words
from onboarding.model.vocabulary import Side, Stage
from onboarding.values import dataclass

ON_HOLD, SLACK = "On hold", "Weekends and slack in the plan"
"""The titles of reasons that are nobody's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Days lost (above 0) or gained (below 0) by one piece of work."""

    days: int
    milestone: str | None
    """None for a hold, and for a stage that a person skipped."""
    title: str
    side: Side | None
    """Who owes the work; None for a hold."""
    text: str
    of: str = ""
    """The date that it moves: ``go_live``, or a stage."""

    def __str__(self) -> str:
        sign = "+" if self.days > 0 else "\N{MINUS SIGN}"
        side = f", {name_words(self.side)}" if self.side else ""
        return f"{sign}{abs(self.days)} day{'' if abs(self.days) == 1 else 's'}: {self.title}{side} ({self.text})"


class Link(NamedTuple):
    """One reason on the way back; ``along`` for days that are only weekends, or slack, on the way of other work."""

    reason: Reason
    along: bool = False


def reasons_for(name: str | None, now: Pass, then: Pass) -> tuple[Reason, ...]:
    """Return why the date of this work is another one than at signature, in the order of the work. Pure."""
    return tuple(reversed(list(_netted(now, list(_links(name, now, then))))))


def reasons_for_stage(stage: Stage, now: Pass, then: Pass) -> tuple[Reason, ...]:
    """Return why the stage is left on another day than was expected at signature. Pure."""
    following = list(Stage)[list(Stage).index(stage) + 1]
    left, was_left = now.entered(following), then.entered(following)
    moved = (now.view.day(left.at) - now.view.day(was_left.at)).days
    found = list(_before(left.by, was_left.by, now, then))
    rest = moved - (days_moved(left.by, now, then) or 0 if left.by else 0) - sum(link.reason.days for link in found)
    if rest and (added := _added(left.by, now, then)) is not None:
        found.insert(0, _since(rest, added, now))
    elif rest:
        title = f"{name_words(stage).capitalize()} skipped"
        found.insert(0, Link(Reason(days=rest, milestone=None, title=title, side=None, text="by a person")))
    return tuple(reversed(list(_netted(now, [*found, *_links(left.by, now, then)]))))


def _added(name: str | None, now: Pass, then: Pass) -> Expected | None:
    """Return the work if it was added since the signature, as a task or by a condition; None for all other."""
    return now.of(name) if name is not None and then.of(name) is None else None


def _since(days: int, added: Expected, now: Pass) -> Link:
    work, text = added.work, f"added to this account, {_why(added, now, added)}"
    return Link(Reason(days=days, milestone=work.name, title=work.title, side=work.side, text=text))


def days_moved(name: str, now: Pass, then: Pass) -> int | None:
    """Return by how many days the date of this work moved since the signature; None if it had or has none."""
    here, there = now.of(name), then.of(name)
    return None if here is None or there is None else (now.view.day(here.at) - now.view.day(there.at)).days


def _links(name: str | None, now: Pass, then: Pass) -> Iterator[Link]:
    """Yield the reasons from the work back to the signature: what each link took longer, and after it the slack that
    the work before had at signature."""
    while name is not None and (one := now.of(name)) is not None and (before := then.of(name)) is not None:
        moved = (now.view.day(one.at) - now.view.day(before.at)).days
        pushed = days_moved(one.follows, now, then) if one.follows else None
        if pushed is None:
            added = _added(one.follows, now, then)
            yield from [_since(moved, added, now)] if added and moved else _own(one, moved, now, before)
            return
        slack = list(_before(one.follows, before.follows, now, then))
        yield from _own(one, moved - pushed - sum(link.reason.days for link in slack), now, before)
        yield from slack
        name = one.follows


def _before(name: str | None, was: str | None, now: Pass, then: Pass) -> Iterator[Link]:
    """Yield the slack at signature of the work that now decides, if other work (``was``) decided then."""
    one, bound = then.of(name or ""), then.of(was or "")
    if name != was and one is not None and bound is not None:
        days = (now.view.day(one.at) - now.view.day(bound.at)).days
        if days:
            yield _slack(days, bound, now)


def _own(one: Expected, days: int, now: Pass, before: Expected) -> Iterator[Link]:
    """Yield the days of the work itself, and apart from them those in which a hold stopped the clock."""
    for hold in sorted(now.view.case.holds, key=lambda hold: hold.since, reverse=True):
        over = hold.ended_at or hold.until or now.view.now
        begins, ends = max(hold.since, one.start), min(over, one.at)
        held = min(max((now.view.day(ends) - now.view.day(begins)).days, 0), max(days, 0))
        if held:
            days -= held
            told = f"{hold.reason}, {_day(now, hold.since)} to {_day(now, over)}"
            yield Link(Reason(days=held, milestone=None, title=ON_HOLD, side=None, text=told))
    if days:
        same = one.basis is before.basis and one.working_days == before.working_days
        reason = Reason(
            days=days, milestone=one.work.name, title=one.work.title, side=one.work.side, text=_why(one, now, before)
        )
        yield Link(reason, along=same and one.basis in (Basis.PLAYBOOK, Basis.USUAL))


def _slack(days: int, bound: Expected, now: Pass) -> Link:
    """Return the days gained because the date no longer waits for what it waited for at signature."""
    here, work = now.of(bound.work.name), bound.work
    gained, text = True, "does not apply"
    if here is None:
        text += f": {work.reason}" if work.reason else ""
    elif here.basis is Basis.DONE:
        text = f"done on {_day(now, here.at)}"
    else:
        gained, text = False, "not used up"
    return Link(Reason(days=days, milestone=work.name, title=work.title, side=work.side, text=text), along=not gained)


def _why(one: Expected, now: Pass, before: Expected) -> str:
    when = _day(now, one.at)
    match one.basis:
        case Basis.DONE:
            return f"done on {when}"
        case Basis.ASSUMED:
            return f"if it is done on {when}"
        case Basis.AGREED:
            return f"agreed for {when}" if one.follows is None else f"as soon as the work before it ends, {when}"
        case Basis.OVERDUE:
            return f"expected by {_day(now, one.wanted or before.at)}, and not done"
        case Basis.USUAL:
            usual = now.view.usual[one.work.like]
            return f"usually takes {usual.working_days} working days, median of {usual.onboardings}"
        case Basis.PLAYBOOK:
            return f"now expected on {when}"


def _netted(now: Pass, links: list[Link]) -> Iterator[Reason]:
    """Yield the reasons, those ``along`` the way added to the lost days before them. The links go back in time, and so
    does what is yielded."""
    along = 0
    for link in links:
        days = link.reason.days
        if link.along:
            along += days
        elif days > 0 and along:
            kept = max(days + along, 0)
            along -= kept - days
            if kept:
                yield replace(link.reason, days=kept)
        else:
            yield link.reason
    case = now.view.case
    if along > 0 and case.begins_at != case.signed_at:
        text = f"signed on {_day(now, case.signed_at)}, seen on {_day(now, case.begins_at)}"
        yield Reason(days=along, milestone=None, title="First seen late", side=Side.VENDOR, text=text)
    elif along:
        yield Reason(days=along, milestone=None, title=SLACK, side=None, text="as planned")


def _day(now: Pass, at: datetime) -> str:
    day = now.view.day(at)
    return f"{day.day} {MONTHS[day.month - 1][:3]}"
