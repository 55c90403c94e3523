"""The summary to operators after first90 did not run for a while: one message in place of many."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from onboarding.messages.notes import note, occurrence_of
from onboarding.messages.posts import Post
from onboarding.model.effect import PlannedEffect

DOWN_TIME = "down_time"
LONG = timedelta(hours=6)
"""Shorter gaps change little: a sweep comes every ten minutes, and people are written to in their working hours. This
project's choice."""
UNSCHEDULED = timedelta(hours=36)
"""The same of runs that no timetable starts: once a day by hand is no fault, three days without are. Our choice."""
ROOM = 1.4
"""How much longer than the longest usual time between two runs by hand (a weekend) is no fault yet. Our choice."""


def is_down_time(gap: timedelta, usual: Sequence[timedelta] | None) -> bool:
    """Return whether a time between two sweeps is told: the ``usual`` ones are those before it, by hand in somebody's
    rhythm; None where the timetable starts them, every ten minutes."""
    if usual is None:
        return gap >= LONG
    return gap >= max(UNSCHEDULED, max(usual, default=timedelta()) * ROOM)


def down_time_note(
    gap: tuple[datetime, datetime], sent: Mapping[str, int], due: Mapping[str, int], late: int, as_of: datetime
) -> PlannedEffect:
    """Return the summary of a gap between two sweeps (UTC): what the sweep after it sent, what is due and has not left
    yet, both by channel, and how many steps it left out as too late. The same gap gives the same effect."""
    since, until = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in gap)
    post = Post(
        headline=f"sweeps run again: none from {since} to {until}",
        lines=(
            f"Sent by the first sweep since: {_counted(sent)}.",
            f"Due and not sent yet: {_counted(due)}. It leaves within working hours, caps and rates.",
            f"Steps left out because they come too late for what they say: {late}.",
        ),
        footer="Why each was sent or left out: first90 explain KEY.",
    )
    return note(DOWN_TIME, occurrence_of([since], gap[0]), post, f"no sweep ended from {since} to {until}", as_of)


def _counted(by_channel: Mapping[str, int]) -> str:
    return ", ".join(f"{count} by {channel}" for channel, count in sorted(by_channel.items()) if count) or "nothing"
