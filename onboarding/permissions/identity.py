"""Who acts, and how they are known."""

from dataclasses import dataclass
from enum import StrEnum


class KnownBy(StrEnum):
    """What tells who a person is."""

    COMMAND_LINE = "command line"
    """The system user, and the name given with ``--by``, which is a claim."""
    SLACK = "Slack"
    """Slack's own login: the user id, whose mail address Slack gives."""
    PROXY = "proxy header"
    """A proxy in front of the pages, which has logged the person in."""
    BOARD_LINK = "board link"
    PLAN_LINK = "plan link"
    MCP_TOKEN = "MCP token"
    """The token of the server for assistants, which acts for one person."""
    MCP_PIPE = "MCP on this machine"
    """An assistant that the person has started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person as one way in knows them: the name that the journal has, and what vouches for it."""

    name: str
    """The mail address, or the system user's name."""
    known_by: KnownBy
    detail: str = ""
    """The system user, the Slack id or the header's name."""
    groups: frozenset[str] = frozenset()
    """The groups that a proxy names."""

    @property
    def how(self) -> str:
        """Return how the person is known: ``Slack U0123``, ``command line, system user jo``."""
        if self.known_by in (KnownBy.COMMAND_LINE, KnownBy.MCP_PIPE) and self.detail:
            return f"{self.known_by}, system user {self.detail}"
        return f"{self.known_by} {self.detail}".rstrip()
