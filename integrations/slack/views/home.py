"""The App Home: a person's accounts, each with its next step and its buttons."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from integrations.slack.buttons import actions, plain
from integrations.slack.text import escape, link, linked
from integrations.slack.views.modals import View
from onboarding.board.mine import MyAccount, MyAccounts
from onboarding.forms.buttons import Buttons
from onboarding.languages.language import ENGLISH, Language
from onboarding.sentences.sentence import Short, sentence

BLOCKS, SECTION, HEADER = 100, 3000, 150
MOST_ACCOUNTS = 30
"""Accounts shown: each takes three blocks of a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeLinks:
    """Where the names lead: an account's page of the board and its record in the CRM; empty where there is none."""

    board: str
    page: Callable[[str], str]
    """By the onboarding's key."""
    record: Callable[[str], str]
    """By the account's id."""


class ReadAt(NamedTuple):
    """The moment of which a home tab tells, the zone (IANA) in which its reader sees it and every other one, and their
    language."""

    now: datetime
    zone: str
    language: Language = ENGLISH

    def told(self, text: str) -> str:
        """Return a text as its reader reads it."""
        return self.language.sentence(text, self.zone)


def home_view(mine: MyAccounts, links: HomeLinks, read_at: ReadAt, note: str = "") -> View:
    """Return the home tab. ``note`` says what came of the last button."""
    blocks: list[dict[str, Any]] = []
    if note:
        blocks.append(_section(escape(note, SECTION)))
    for title, accounts in (
        ("home.needs_you", mine.needing),
        ("home.this_week", mine.with_work),
        ("home.quiet", mine.quiet),
    ):
        if accounts:
            blocks.append(
                {"type": "header", "text": plain(read_at.told(sentence(title, number=str(len(accounts)))), HEADER)}
            )
            blocks.extend(block for one in accounts for block in _account(one, links, read_at))
    if not mine.accounts:
        blocks.append(_section(escape(read_at.told(sentence("home.none")), SECTION)))
    blocks.append(_context(_closing(mine, links, read_at)))
    return {"type": "home", "blocks": blocks[-BLOCKS:] if len(blocks) > BLOCKS else blocks}


def refused_home(said: str) -> View:
    """Return the home tab of a person to whom no accounts are shown."""
    return {"type": "home", "blocks": [_section(escape(said, SECTION))]}


def _account(one: MyAccount, links: HomeLinks, read_at: ReadAt) -> Iterator[dict[str, Any]]:
    name = linked(one.name, links.page(one.key) or links.record(one.account_id))
    lines = [f"{one.mark} *{name}* · {escape(read_at.told(one.where), 100)}".strip()]
    if one.cause:
        lines.append(escape(read_at.told(one.cause), 500))
    lines += [f"• {escape(read_at.told(text), 200)}" for text in one.due]
    if one.next_step:
        whose, _, step = read_at.told(one.next_step).partition(": ")
        leads = read_at.told(sentence("home.next_step", side=whose))
        lines.append(f"*{escape(leads, 90)}* {escape(step, 500)}")
    yield _section("\n".join(lines))
    yield from actions(_worded(one.buttons, read_at), f"home:{one.key}", read_at.language.words.labels)
    yield {"type": "divider"}


def _worded(buttons: Buttons, read_at: ReadAt) -> Buttons:
    doable = tuple((value, *map(read_at.told, words)) for value, *words in buttons.doable)
    return replace(buttons, doable=doable)


def _closing(mine: MyAccounts, links: HomeLinks, read_at: ReadAt) -> Sequence[str]:
    more = read_at.told(sentence("posts.and_more", count=mine.left_out)) if mine.left_out else ""
    board = link(links.board, read_at.told(sentence("home.board")))
    at, zone = Short(read_at.now, read_at.zone, has_time=True), read_at.zone.replace("_", " ")
    as_of = read_at.told(sentence("home.as_of", at=at, zone=zone))
    return [text for text in (more, board or "", escape(as_of, 200)) if text]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(texts: Sequence[str]) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True} for text in texts]}
