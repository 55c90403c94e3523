"""The Slack message that tells the owner what was said on plan pages."""

from datetime import datetime

from onboarding.messages.posts import MOST_LINES, Post
from onboarding.review_case import Reviewed
from onboarding.shared_plan.news import told_by
from onboarding.shared_plan.words import sentence


def answers_post(found: Reviewed, key: str, now: datetime) -> Post | None:
    """Return the message with this key; None where nothing of it is known any more."""
    case, state = found.case, found.review.state
    lines = [f"{sentence(case, state, fact)}." for fact in told_by(case, key, now)]
    if not lines:
        return None
    more = len(lines) - MOST_LINES
    count = "1 answer" if len(lines) == 1 else f"{len(lines)} answers"
    return Post(
        headline=f"{case.account.name}: {count} on the plan page",
        lines=(*lines[:MOST_LINES], *((f"and {more} more",) if more > 0 else ())),
        footer="What waits for you is among your tasks, with how to settle it.",
    )
