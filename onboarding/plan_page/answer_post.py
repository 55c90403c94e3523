"""The Slack message that tells the owner what was said on plan pages."""

from datetime import datetime

from onboarding.messages.posts import Post, at_most
from onboarding.review_case import Reviewed
from onboarding.sentences.sentence import pattern, sentence
from onboarding.shared_plan.news import told_by
from onboarding.shared_plan.words import sentence as said_sentence


def answers_post(found: Reviewed, key: str, now: datetime) -> Post | None:
    """Return the message with this key; None where nothing of it is known any more."""
    case, state = found.case, found.review.state
    lines = [pattern("{said}.", said=said_sentence(case, state, fact)) for fact in told_by(case, key, now)]
    if not lines:
        return None
    return Post(
        headline=sentence("notes.answers", account=case.account.name, count=len(lines)),
        lines=at_most(lines),
        footer=sentence("notes.answers_footer"),
    )
