"""What ``forecast`` prints of one onboarding."""

from collections.abc import Iterable
from datetime import date

from cli.printing import print_lines
from cli.tables import print_table, table
from onboarding.forecast.expected import Basis
from onboarding.forecast.result import Forecast, Moved, WorkDate
from onboarding.forecast.what_if import Change, ChangeKind, WhatIf
from onboarding.forecast.wording import moved_words
from onboarding.model.phrases import MONTHS, day_words, name_words, side_words

HEADINGS = ("stage", "left", "at signature", "days", "allowed until")
SECTIONS = {
    "Dates": (ChangeKind.GO_LIVE, ChangeKind.STAGE, ChangeKind.MILESTONE),
    "Stalls": (ChangeKind.STALL,),
    "Messages": (ChangeKind.MESSAGE,),
}


def print_forecast(found: Forecast, assumed: WhatIf | None = None) -> None:
    """Print when each stage and the go-live are expected, and why that is another day than at signature."""
    if not found.stages:
        print_lines([f"{found.account} is {name_words(found.status)}: nothing is expected any more."])
        return
    print_lines(_heading(found, assumed))
    print_lines([""])
    rows = [(name_words(one.stage).capitalize(), *_row(one), _day(one.planned)) for one in found.stages]
    if found.go_live is not None:
        planned = f"{_day(found.go_live.planned)} (CRM)" if found.go_live.planned else ""
        rows.append(("Go-live", *_row(found.go_live), planned))
    print_table(table("", HEADINGS, rows))
    print_lines([""])
    print_lines(_whys(found))
    due = [one for one in found.milestones if not one.done and one.exit]
    if due:
        print_lines(["", "Still to come before the last stage is left:"])
        print_lines(_work(one) for one in sorted(due, key=lambda one: one.forecast or date.max))
    print_lines(["", _rests_on(found)])


def print_what_if(found: WhatIf) -> None:
    """Print what the assumption would change: dates, stalls, messages."""
    for title, kinds in SECTIONS.items():
        needed = {one.name for one in found.after.milestones if one.exit}
        changes = [one for one in found.changes if one.kind in kinds]
        told = [one for one in changes if one.kind is not ChangeKind.MILESTONE or one.name in needed]
        print_lines(["", f"{title} that would change:" if changes else f"{title}: no change."])
        print_lines(map(_change, told))
        if len(told) < len(changes):
            print_lines([f"- and {len(changes) - len(told)} milestones that no stage waits for; --json lists them"])


def _heading(found: Forecast, assumed: WhatIf | None) -> Iterable[str]:
    if assumed is not None:
        said = [f"{name} is done on {day_words(at)}" for name, at in assumed.assumed.items()]
        yield f"{found.account}, if {' and '.join(said)}:"
    else:
        yield f"{found.account}, as of {day_words(found.as_of)}:"
    if found.go_live is not None:
        yield f"Go-live {'was' if found.go_live.done else 'expected'} on {moved_words(found.go_live)}."
    end = found.stages[-1]
    yield f"All five stages {'done' if end.done else 'expected to be done'} on {moved_words(end)}."
    yield f"The target is {day_words(found.target)}."
    if found.on_hold:
        yield f"It is on hold: {found.on_hold}"


def _whys(found: Forecast) -> Iterable[str]:
    """Yield the reasons for the days of the go-live, and for those of the end where they are others."""
    end = found.stages[-1]
    if found.go_live is not None and found.go_live.reasons:
        yield _why_heading("go-live", found.go_live.days)
        yield from (f"- {one}" for one in found.go_live.reasons)
    if end.reasons and (found.go_live is None or end.reasons != found.go_live.reasons):
        yield _why_heading("the end", end.days)
        yield from (f"- {one}" for one in end.reasons)
    if not found.reasons:
        yield "As expected at signature; nothing has moved a date."


def _why_heading(what: str, days: int | None) -> str:
    return f"Why {what} moved by {days:+d} days:" if days else f"Gained and lost on the way to {what}:"


def _rests_on(found: Forecast) -> str:
    if found.finished:
        return (
            f"Durations: medians of up to {found.finished} finished onboardings of this tier; days are calendar days."
        )
    return "Durations: those of the playbook, as too few onboardings are finished; days are calendar days."


def _row(one: Moved) -> tuple[str, str, str]:
    days = f"{one.days:+d}" if one.days else "0" if one.days == 0 else ""
    return f"{_day(one.forecast)}{', done' if one.done else ''}", _day(one.at_signature), days


def _day(day: date | None) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}" if day else ""


def _work(one: WorkDate) -> str:
    basis = f", {one.basis}" if one.basis in (Basis.AGREED, Basis.ASSUMED, Basis.OVERDUE) else ""
    return f"- {_day(one.forecast)}: {one.title} ({side_words(one.side)}{basis})"


def _change(one: Change) -> str:
    if one.before is None:
        when = f"new on {_day(one.after)}"
    elif one.after is None:
        when = f"not any more ({_day(one.before)})"
    elif one.before == one.after:
        when = _day(one.after)
    else:
        when = f"{_day(one.before)} becomes {_day(one.after)}"
    return f"- {when}: {one.text}"
