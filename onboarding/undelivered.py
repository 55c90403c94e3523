"""What is told to the people who run first90 when messages do not leave."""

from collections.abc import Sequence

from onboarding.posts import Post

MOST_LINES = 20
"""Of each sort; a Slack message that is longer is read by nobody. Ours."""


def undelivered_post(lanes: Sequence[tuple[str, str]], effects: Sequence[tuple[str, str, str]]) -> Post:
    """Channels that are down (name, cause) and effects that wait for a person (id, state, cause). Told once each."""
    parts = []
    if lanes:
        parts.append(f"{' and '.join(name for name, _ in lanes)} cannot be sent")
    if effects:
        parts.append("1 message waits for you" if len(effects) == 1 else f"{len(effects)} messages wait for you")
    shown = [f"{key} ({state}): {cause}" for key, state, cause in effects]
    more = len(shown) - MOST_LINES
    return Post(
        headline="; ".join(parts),
        lines=(
            *(f"{name}: {cause}. It is tried again by itself, and nothing is lost meanwhile." for name, cause in lanes),
            *shown[:MOST_LINES],
            *((f"and {more} more",) if more > 0 else ()),
        ),
        footer="Mend the cause, then: first90 effects retry ID. What did arrive: first90 effects sent ID.",
    )
