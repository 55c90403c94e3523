"""The App Home: a person's accounts, each with its next step and its buttons."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from integrations.slack.buttons import actions, plain
from integrations.slack.text import escape, link, linked
from integrations.slack.views.modals import View
from onboarding.board.mine import MyAccount, MyAccounts
from onboarding.dates.wording import retold, short_moment

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
    """The moment of which a home tab tells, and the zone (IANA) in which its reader sees it and every other one."""

    now: datetime
    zone: str


def home_view(mine: MyAccounts, links: HomeLinks, read_at: ReadAt, note: str = "") -> View:
    """Return the home tab. ``note`` says what came of the last button."""
    blocks: list[dict[str, Any]] = []
    if note:
        blocks.append(_section(escape(note, SECTION)))
    for title, accounts in (
        ("Needs you", mine.needing),
        ("Due this week", mine.with_work),
        ("All quiet", mine.quiet),
    ):
        if accounts:
            blocks.append({"type": "header", "text": plain(f"{title} ({len(accounts)})", HEADER)})
            blocks.extend(block for one in accounts for block in _account(one, links, read_at.zone))
    if not mine.accounts:
        blocks.append(_section("No account is yours at the moment."))
    blocks.append(_context(_closing(mine, links, read_at)))
    return {"type": "home", "blocks": blocks[-BLOCKS:] if len(blocks) > BLOCKS else blocks}


def refused_home(said: str) -> View:
    """Return the home tab of a person to whom no accounts are shown."""
    return {"type": "home", "blocks": [_section(escape(said, SECTION))]}


def _account(one: MyAccount, links: HomeLinks, zone: str) -> Iterator[dict[str, Any]]:
    name = linked(one.name, links.page(one.key) or links.record(one.account_id))
    lines = [f"{one.mark} *{name}* · {escape(one.where, 100)}".strip()]
    if one.cause:
        lines.append(escape(retold(one.cause, zone), 500))
    lines += [f"• {escape(text, 200)}" for text in one.due]
    if one.next_step:
        whose, _, step = one.next_step.partition(": ")
        lines.append(f"*Next step ({escape(whose, 50)}):* {escape(retold(step, zone), 500)}")
    yield _section("\n".join(lines))
    yield from actions(one.buttons, f"home:{one.key}")
    yield {"type": "divider"}


def _closing(mine: MyAccounts, links: HomeLinks, read_at: ReadAt) -> Sequence[str]:
    more = f"and {mine.left_out} more" if mine.left_out else ""
    board = link(links.board, "The whole portfolio")
    as_of = f"{short_moment(read_at.now, read_at.zone)} ({read_at.zone.replace('_', ' ')})"
    return [text for text in (more, board or "", escape(f"As of {as_of}", 200)) if text]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(texts: Sequence[str]) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True} for text in texts]}
