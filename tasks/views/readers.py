"""Who may read the board: people with a signed link of their own, which works for a month and can be revoked."""

import hashlib
import json
import secrets
from datetime import datetime

from database import key_values
from onboarding.model.identity import one_spelling
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, LinkRefused, read_link, sign

BOARD = "board"
VALID_DAYS = 30
"""How long a link to the board works. Our choice: long enough for a bookmark, short enough for a lost one."""
WHOLE_PORTFOLIO = ""


def board_url(context: RunContext, reader: str, now: datetime, page: str = "") -> str:
    """Return the address under which ``reader`` (an address, or a name of the operating system) opens the board, or a
    ``page`` under it.

    Empty where no public address is set. The same on the same day; until it is revoked, older ones work beside it.
    """
    return board_address(context, board_token(context, reader, now), page)


def board_token(context: RunContext, reader: str, now: datetime) -> str:
    """Return what signs a reader's links to the board, for all pages; empty where no public address is set."""
    settings = context.settings
    if settings.public_url is None or settings.link_secret is None:
        return ""
    number = _number(context, reader) or _new_number(context, reader, now)
    return sign(settings, Link(f"{_mark(reader)}.{number}", WHOLE_PORTFOLIO), now, BOARD)


def board_address(context: RunContext, token: str, page: str = "") -> str:
    """Return the address of the board or of a page under it; empty without a token."""
    return f"{context.settings.public_url}/board{page}?link={token}" if token else ""


def revoke(context: RunContext, reader: str) -> bool:
    """Revoke all links of ``reader``; a new one can be made. Return whether there was one."""
    with context.database.writing() as conn:
        known = key_values.read(conn, _row(reader), held=True) is not None
        key_values.forget(conn, _row(reader))
    return known


def reader_of(context: RunContext, token: str, now: datetime) -> str:
    """Return whose link this is. Raises LinkRefused where it is not ours, too old or revoked."""
    link = read_link(context.settings, token, now, BOARD, days=VALID_DAYS)
    mark, _, number = link.person_id.partition(".")
    with context.database.reading() as conn:
        kept = key_values.read(conn, f"{BOARD}:{mark}")
    said = json.loads(kept.value) if kept else {}
    if said.get("number") != number:
        raise LinkRefused("this link was revoked")
    return str(said["name"])


def _number(context: RunContext, reader: str) -> str | None:
    with context.database.reading() as conn:
        kept = key_values.read(conn, _row(reader))
    return str(json.loads(kept.value)["number"]) if kept else None


def _new_number(context: RunContext, reader: str, now: datetime) -> str:
    """Give the reader a number, or return the one that another process has given them meanwhile."""
    with context.database.writing() as conn:
        kept = key_values.read(conn, _row(reader), held=True)
        number = json.loads(kept.value)["number"] if kept else secrets.token_hex(4)
        if kept is None:
            key_values.write(conn, _row(reader), json.dumps({"name": reader, "number": number}), now)
    return str(number)


def _row(reader: str) -> str:
    return f"{BOARD}:{_mark(reader)}"


def _mark(reader: str) -> str:
    """Return the hash of a reader's address or name, which a link holds in its place."""
    return hashlib.sha256(one_spelling(reader).encode()).hexdigest()[:16]
