"""The pages of the board as HTML text, for requests and for the writer of files."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from onboarding.board.portfolio import Attention, Board, Filter
from onboarding.model.identity import one_spelling
from tasks.views.picture import Picture
from web.board.account import account_view
from web.board.addresses import Addresses
from web.board.rendering import render

ATTENTION_NAMES = (
    (Attention.CRITICAL, "critical"),
    (Attention.STALLED, "stalled"),
    (Attention.DECISION, "wait for your decision"),
    (Attention.HELD, "on hold"),
    (Attention.ROLE, "lack a person in a role"),
)


def board_page(board: Board, to: Addresses, now: datetime, reader: str = "") -> str:
    """Return the portfolio by stage, the most urgent first."""
    return render("board.html", _values(board, to, now, reader))


def stage_page(board: Board, to: Addresses, now: datetime, reader: str = "") -> str:
    """Return one page of the list of one stage, from its board."""
    return render("stage.html", _values(board, to, now, reader))


def account_page(seen: Picture, to: Addresses, reader: str = "") -> str:
    """Return everything on one account."""
    return render("account.html", {**account_view(seen), "to": to, "reader": reader})


def message_page(view: Mapping[str, Any], to: Addresses, now: datetime, html: str, reader: str = "") -> str:
    """Return one message as it was sent; ``html`` is the link to its own HTML, empty where it has none."""
    return render("message.html", {**view, "to": to, "now": now, "html": html, "reader": reader})


def _values(board: Board, to: Addresses, now: datetime, reader: str) -> dict[str, Any]:
    asked = board.asked
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
    asked, known = board.asked, board.portfolio
    if asked.tier and asked.tier not in known.tiers:
        return f"No customer has the tier {asked.tier}."
    if asked.owner and not any(one_spelling(asked.owner) == one_spelling(owner) for owner in known.owners):
        return f"No customer is {asked.owner}'s."
    return "No onboarding matches."
