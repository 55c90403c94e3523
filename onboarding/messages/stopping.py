"""The wording of a stop, shown prominently wherever people look, because nothing is sent meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from onboarding.messages.posts import Post
from onboarding.model.vocabulary import Channel

_LEAVES = {
    Channel.MAIL.value: "no mail leaves",
    Channel.SLACK.value: "no Slack message leaves",
    Channel.CRM.value: "nothing is written to the CRM",
}


def stop_headline(channel: str) -> str:
    """Return the stop in a few words: ``STOPPED: no mail leaves``. Any other ``channel`` means all of them."""
    return f"STOPPED: {_LEAVES.get(channel, 'nothing leaves, on any channel')}"


def stop_details(channel: str, *, reason: str, by: str, at: datetime) -> str:
    """Return by whom, since when (UTC) and why it is stopped, and the command that lifts it."""
    start = f"first90 start --channel {channel}" if channel in _LEAVES else "first90 start"
    since = f"Since {at:%a} {at.day} {at:%b %Y %H:%M} UTC, by {by}: {reason.rstrip('.')}."
    return f"{since} Facts and decisions go on, and what is due waits; {start} lets it leave."


def headed(post: Post, told: Sequence[tuple[str, str]]) -> Post:
    """Return the post below the stops, each a headline and its details; unchanged if there are none."""
    if not told:
        return post
    headlines = [headline for headline, _ in told]
    return replace(
        post,
        headline=f"{'; '.join(headlines)}. {post.headline}",
        lines=(*(f"{headline}. {details}" for headline, details in told), *post.lines),
    )
