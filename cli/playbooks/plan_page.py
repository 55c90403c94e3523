"""The plan of a playbook change: for a screen of 80 columns, and as Markdown for a pull request."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Any

from cli.printing import counted, day
from onboarding.model.phrases import list_words, name_words
from onboarding.playbook_changes.as_json import as_json
from onboarding.playbook_changes.change import Change
from onboarding.playbook_changes.plan import Plan

LATE = "would be overdue at once, so it counts from the move"
OVERDUE = "overdue at once"
SHORT = 8
"""How many signs of a hash are shown."""


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the plan line by line: the summary, then each onboarding that changes."""
    yield from summary_lines(plan)
    for change in _telling(plan):
        yield ""
        yield f"{change.account_name} ({change.key}), {change.tier} {_versions(change)}, {_policy(change)}"
        yield from (f"  {line}" for line in change_lines(change))


def plan_json(plan: Plan, changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return these changes of the plan as JSON has them, each with the plan's id."""
    return [as_json(change) | {"plan": plan.id} for change in changes]


def plan_markdown(plan: Plan) -> Iterator[str]:
    """Yield the plan as Markdown: the summary as a list, each onboarding folded away."""
    yield "### Onboardings in flight"
    yield ""
    yield from (f"- {_escaped(line)}" for line in summary_lines(plan))
    for change in _telling(plan):
        yield ""
        yield f"<details><summary>{escape(change.account_name)}: {change.summary}</summary>"
        yield ""
        yield f"`{change.key}`, {change.tier} `{change.old}` to `{change.new}`, {_policy(change)}"
        yield ""
        yield from (f"- {_escaped(line)}" for line in change_lines(change))
        yield ""
        yield "</details>"


def summary_lines(plan: Plan) -> Iterator[str]:
    """Yield how many onboardings there are, how many change, and how many messages follow at once."""
    moving, telling = plan.moving, _telling(plan)
    sends = sum(len(one.send_now) for one in moving)
    skipped = sum(len(one.skipped) for one in moving)
    yield f"{counted(len(plan.changes), 'onboarding')} in flight, {len(moving)} on another version; " + (
        f"{len(telling)} would change; {counted(sends, 'message')} would be sent at once"
        + (f", {skipped} are too late and not sent" if skipped else "")
    )
    yield from _late_lines(moving)
    follow = Counter(one.policy.value for one in moving)
    if moving:
        told = ", ".join(f"{number} {name_words(policy)}" for policy, number in sorted(follow.items()))
        yield f"policy: {told}"
        yield f"plan {plan.id}"
    for key, error in plan.failures:
        yield f"{key} could not be planned: {error}"


def _late_lines(moving: Iterable[Change]) -> Iterator[str]:
    """Yield the warnings about milestones that the change makes late."""
    for what, names in (
        (LATE, [one.late.counted_anew for one in moving]),
        (OVERDUE, [one.late.overdue for one in moving]),
    ):
        if late := Counter(name for each in names for name in each):
            told = list_words(f"{name} ({counted(number, 'onboarding')})" for name, number in sorted(late.items()))
            yield f"warning: {what}: {told}"


def change_lines(change: Change) -> Iterator[str]:
    """Yield what changes for one onboarding."""
    for kind, names in (("step", change.renames.steps), ("milestone", change.renames.milestones)):
        yield from (f"~ {kind} {old} is called {new}" for old, new in names.items())
    for item in change.appear:
        anew = f" ({LATE})" if item.name in change.late.counted_anew else ""
        yield f"+ {item.kind} {item.name}{_numbered(item.occurrence)}, {item.settled or _due(item.at)}{anew}"
    late = {gone.item.place for gone in change.skipped}
    for gone in change.vanish:
        if gone.item.place not in late:
            yield f"- {gone.item.kind} {gone.item.name}{_numbered(gone.item.occurrence)}: {gone.because}"
    for move in change.move:
        item = move.item
        over = f"; {OVERDUE}" if item.name in change.late.overdue else ""
        yield f"~ {item.kind} {item.name}{_numbered(item.occurrence)}: {_moved(item.at, move.old)}{over}"
    for send in change.send_now:
        yield f"! {send.name} by {send.channel} to {name_words(send.role)}, {send.due_at:%Y-%m-%d %H:%M}Z"
    for gone in change.skipped:
        yield f"not sent: {gone.item.name}{_numbered(gone.item.occurrence)}, {gone.because}"
    if change.stages:
        yield f"stage: {change.stages[1]} instead of {change.stages[0]}"
    for conflict in change.conflicts:
        yield f"conflict: {conflict}"
    if change.kept:
        kept = Counter(name_words(edit.what) for edit in change.kept)
        yield f"stays as people set it: {list_words(f'{number} {what}' for what, number in kept.items())}"


def _telling(plan: Plan) -> tuple[Change, ...]:
    """Return those for which more than the number of the version changes."""
    return tuple(one for one in plan.moving if one.differs)


def _versions(change: Change) -> str:
    return f"{change.old[:SHORT]} to {change.new[:SHORT]}"


def _policy(change: Change) -> str:
    return name_words(change.policy.value)


def _numbered(occurrence: str) -> str:
    return f" {occurrence}" if occurrence not in ("", "1") else ""


def _moved(at: datetime | None, old: datetime | None) -> str:
    """Return both days, with their times (UTC) where the day is the same."""
    if at and old and at.date() == old.date():
        return f"{at:%Y-%m-%d %H:%M}Z instead of {old:%H:%M}Z"
    return f"{day(at)} instead of {day(old)}"


def _due(at: datetime | None) -> str:
    return f"due {day(at)}" if at else "no date yet"


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is: names come from a CRM. A sign at its beginning begins no list."""
    return "".join(
        f"\\{sign}" if sign in "\\`*_[]<>|#~!@&" or (place == 0 and sign in "+-") else sign
        for place, sign in enumerate(text)
    )
