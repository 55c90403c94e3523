"""The pages of the board as HTML text, for requests and for the writer of files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from onboarding.board.portfolio import Attention, Board, Filter, Line, arrange, chosen
from onboarding.model.identity import one_spelling
from tasks.views.picture import Picture
from web.board.account import account_view
from web.board.addresses import Addresses
from web.board.rendering import render

MOST_CARDS = 20
"""The most accounts of a stage on the board; the rest is on the page of the stage."""
MOST_LINES = 100
"""The most accounts on one page of a stage."""
ATTENTION_NAMES = (
    (Attention.CRITICAL, "critical"),
    (Attention.STALLED, "stalled"),
    (Attention.DECISION, "wait for your decision"),
    (Attention.HELD, "on hold"),
    (Attention.ROLE, "lack a person in a role"),
)


def board_page(lines: Sequence[Line], asked: Filter, to: Addresses, now: datetime, reader: str = "") -> str:
    """Return the portfolio by stage, the most urgent first; ``lines`` are those of ``status``."""
    return render("board.html", _values(lines, asked, to, now, reader))


def stage_page(
    lines: Sequence[Line], asked: Filter, to: Addresses, now: datetime, reader: str = "", page: int | None = 1
) -> str:
    """Return the list of one stage, by pages of ``MOST_LINES``; ``page`` None puts all of them on one."""
    found = chosen(lines, asked)
    pages = max(-(-len(found) // MOST_LINES), 1) if page else 1
    shown = min(max(page or 1, 1), pages)
    part = found[(shown - 1) * MOST_LINES : shown * MOST_LINES] if page else found
    values = _values(lines, asked, to, now, reader)
    return render("stage.html", {**values, "lines": part, "page": shown, "pages": pages})


def account_page(seen: Picture, to: Addresses, reader: str = "") -> str:
    """Return everything on one account."""
    return render("account.html", {**account_view(seen), "to": to, "reader": reader})


def message_page(view: Mapping[str, Any], to: Addresses, now: datetime, html: str, reader: str = "") -> str:
    """Return one message as it was sent; ``html`` is the link to its own HTML, empty where it has none."""
    return render("message.html", {**view, "to": to, "now": now, "html": html, "reader": reader})


def _values(lines: Sequence[Line], asked: Filter, to: Addresses, now: datetime, reader: str) -> dict[str, Any]:
    board = arrange(lines, asked, MOST_CARDS)
    return {
        "board": board,
        "nothing": _nothing(board),
        "to": to,
        "now": now,
        "reader": reader,
        "filtered": replace(asked, stage=None) != Filter(),
        "attention_names": ATTENTION_NAMES,
        "asked_for": lambda why: Filter(attention=None if asked.attention is why else why),
    }


def _nothing(board: Board) -> str:
    """Return what is said where no onboarding matches, with the reason where one part of the filter is enough."""
    asked = board.asked
    if asked.tier and asked.tier not in board.tiers:
        return f"No customer has the tier {asked.tier}."
    if asked.owner and not any(one_spelling(asked.owner) == one_spelling(owner) for owner in board.owners):
        return f"No customer is {asked.owner}'s."
    return "No onboarding matches."
