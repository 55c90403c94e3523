"""The summary to operators after first90 did not run for a while: one message in place of many."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from onboarding.messages.notes import note, occurrence_of
from onboarding.messages.posts import Post
from onboarding.model.effect import PlannedEffect

DOWN_TIME = "down_time"
LONG = timedelta(hours=6)
"""Shorter gaps change little: a sweep comes every ten minutes, and people are written to in their working hours. This
project's choice."""


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
