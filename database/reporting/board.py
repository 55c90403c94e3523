"""The board's numbers and lines: filtered, counted and sorted by the database, and only what is shown is parsed."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, case, false, func, or_, select

from database.onboardings.overview import GONE
from database.tables import BoardLineRow, OnboardingRow
from onboarding.board.portfolio import Attention, Filter, Portfolio
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import LIVE, Stage

REASONS = {
    Attention.STALLED: BoardLineRow.stalled,
    Attention.CRITICAL: BoardLineRow.critical,
    Attention.DECISION: BoardLineRow.decision,
    Attention.HELD: BoardLineRow.on_hold,
    Attention.ROLE: BoardLineRow.role_unheld,
}


def portfolio(conn: Connection) -> Portfolio:
    """Return what the board says of all onboardings. Three statements."""
    live = BoardLineRow.status.in_(sorted(status.value for status in LIVE))
    query = select(_number(live), *(_number(column) for column in REASONS.values()))
    total, *needed = conn.execute(query.select_from(BoardLineRow)).one()
    return Portfolio(
        live=total,
        attention=dict(zip(REASONS, needed, strict=True)),
        owners=sorted(_owners(conn)),
        tiers=sorted(conn.execute(select(BoardLineRow.tier).distinct()).scalars()),
    )


def stage_counts(conn: Connection, asked: Filter, known: Portfolio) -> Mapping[Stage, tuple[int, int]]:
    """Return by stage how many onboardings the filter accepts, and how many of those are stalled. One statement."""
    query = select(BoardLineRow.stage, func.count(), _number(BoardLineRow.stalled)).group_by(BoardLineRow.stage)
    found = conn.execute(query.where(*_accepted(conn, asked, known))).all()
    return {Stage(stage): (count, stalled) for stage, count, stalled in found}


def lines(
    conn: Connection, asked: Filter, known: Portfolio, most: int | None = None, after: int = 0
) -> list[dict[str, Any]]:
    """Return the ``status`` lines that the filter accepts, the most urgent first: at most ``most``, without the first
    ``after``. One statement."""
    query = (
        select(OnboardingRow.summary)
        .join(BoardLineRow, BoardLineRow.onboarding_key == OnboardingRow.key)
        .where(*_accepted(conn, asked, known))
        .order_by(BoardLineRow.urgency)
        .limit(most)
        .offset(after)
    )
    return [from_json(summary) for summary in conn.execute(query).scalars()]


def keys(conn: Connection) -> list[str]:
    """Return the keys of all onboardings that were reviewed, the most urgent first."""
    return list(conn.execute(select(BoardLineRow.onboarding_key).order_by(BoardLineRow.urgency)).scalars())


def _number(condition: SQLColumnExpression[bool]) -> ColumnElement[int]:
    """Return the expression that counts the rows for which a condition holds."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _owners(conn: Connection) -> Collection[str]:
    query = select(BoardLineRow.owner, BoardLineRow.covers_for).distinct()
    return {address for row in conn.execute(query) for address in row if address}


def _accepted(conn: Connection, asked: Filter, known: Portfolio) -> Iterator[SQLColumnExpression[bool]]:
    """Yield the conditions of a filter."""
    yield BoardLineRow.status.not_in(GONE)
    if "\0" in asked.tier + asked.text:  # no value has it, and PostgreSQL takes none in a parameter
        yield false()
        return
    if asked.owner:
        wanted = one_spelling(asked.owner)
        theirs = [owner for owner in known.owners if one_spelling(owner) == wanted]
        yield or_(BoardLineRow.owner.in_(theirs), BoardLineRow.covers_for.in_(theirs)) if theirs else false()
    if asked.tier:
        yield BoardLineRow.tier == asked.tier
    if asked.health:
        yield BoardLineRow.health_band == asked.health
    if asked.attention is not None:
        yield REASONS[asked.attention]
    if asked.stage is not None:
        yield BoardLineRow.stage == asked.stage.value
    if asked.text:
        # No LIKE: it would read signs of the text as wildcards, and SQLite limits the length of its pattern.
        position = func.strpos if conn.dialect.name == "postgresql" else func.instr
        yield position(BoardLineRow.folded_name, asked.text.casefold()) > 0
