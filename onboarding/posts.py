"""What we say to our own people on Slack, as neutral values; the chat integration turns them into blocks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One Slack message. All text is plain: escaping and cutting to Slack's limits is the integration's work."""

    headline: str
    """One line, also the notification."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, shown in two columns."""
    lines: tuple[str, ...] = ()
    footer: str = ""
    link: str | None = None
