"""The links between the pages of the board: on the server, or as files."""

from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote, urlencode

from onboarding.board.portfolio import Filter
from onboarding.model.vocabulary import Stage


class Addresses(Protocol):
    """The links of one page, relative to it: the board may be behind a proxy or in a folder."""

    @property
    def served(self) -> bool:
        """Return whether the reader can filter, which needs a server."""

    @property
    def company(self) -> str:
        """Return the company whose board it is, for the titles of its pages; empty if it is not known."""

    def board(self) -> str:
        """Return the link to the board."""

    def filtered(self, asked: Filter, stage: Stage | None = None, page: int = 1) -> str:
        """Return the link to the same board narrowed to a stage."""

    def account(self, key: str) -> str:
        """Return the link to one account."""

    def message(self, key: str, effect_key: str) -> str:
        """Return the link to one message as it was sent."""


@dataclass(frozen=True, slots=True)
class Served:
    """Links of a page that ``first90 web`` serves; ``up`` is the path from it to the folder that holds ``board``."""

    up: str = ""
    company: str = ""
    served: bool = True

    def board(self) -> str:
        """Return the link to the board, unfiltered."""
        return f"{self.up}board"

    def filtered(self, asked: Filter, stage: Stage | None = None, page: int = 1) -> str:
        """Return the link to the board with this filter, narrowed to a stage; ``page`` counts from 1."""
        narrowed = asked if stage is None else replace(asked, stage=stage)
        values = {
            "owner": narrowed.owner,
            "tier": narrowed.tier,
            "health": narrowed.health,
            "attention": narrowed.attention.value if narrowed.attention else "",
            "stage": narrowed.stage.value if narrowed.stage else "",
            "text": narrowed.text,
            "page": str(page) if page > 1 else "",
        }
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{self.board()}?{query}" if query else self.board()

    def account(self, key: str) -> str:
        """Return the link to one account."""
        return f"{self.up}board/{quote(key, safe='')}"

    def message(self, key: str, effect_key: str) -> str:
        """Return the link to one message as it was sent."""
        return f"{self.account(key)}/message/{quote(effect_key, safe='')}"


@dataclass(frozen=True, slots=True)
class Files:
    """Links between files of one folder: ``index.html``, a file a stage, an account and a message."""

    up: str = ""
    company: str = ""
    served: bool = False

    def board(self) -> str:
        """Return the link to ``index.html``."""
        return f"{self.up}index.html"

    def filtered(self, asked: Filter, stage: Stage | None = None, page: int = 1) -> str:
        """Return the link to the file of a stage; files are not filtered any further and have one page."""
        return self.board() if stage is None else f"{self.up}stage-{stage.value}.html"

    def account(self, key: str) -> str:
        """Return the link to one account's file."""
        return f"{self.up}accounts/{file_name(key)}"

    def message(self, key: str, effect_key: str) -> str:
        """Return the link to one message's file."""
        return f"{self.up}messages/{file_name(effect_key)}"


def file_name(key: str) -> str:
    """Return a file name for a key that every file system accepts: characters other than letters, digits, dots and
    dashes become a dash. Keys are made of ids and names of steps, so that two do not collide."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in ".-_") else "-" for sign in key) + ".html"
