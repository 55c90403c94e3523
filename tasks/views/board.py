"""The board as its pages show it: the next touchpoint under the title that its playbook gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from config.playbook_library.kept import put_together
from database import key_values
from database.reporting import board as stored
from onboarding.board.portfolio import MOST_CARDS, MOST_LINES, Board, Column, Filter, Line
from onboarding.model.phrases import name_words
from onboarding.model.vocabulary import Stage

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERSIONS = 64
"""How many versions of playbooks keep their titles in memory: some kilobytes each."""
NONE = (0, 0)


def whole_board(conn: "Connection", asked: Filter) -> Board:
    """Return the board of all stages, with the most urgent of each. At most eleven statements, whatever its size."""
    portfolio = stored.portfolio(conn)
    counts = stored.stage_counts(conn, asked, portfolio)
    found = {
        stage: stored.lines(conn, replace(asked, stage=stage), portfolio, MOST_CARDS)
        for stage in Stage
        if stage in counts
    }
    _add_titles(conn, [line for lines in found.values() for line in lines])
    columns = [
        Column(stage=stage, lines=found.get(stage, ()), count=count, stalled=stalled)
        for stage in Stage
        for count, stalled in [counts.get(stage, NONE)]
    ]
    return Board(asked=asked, portfolio=portfolio, columns=columns)


def stage_board(conn: "Connection", asked: Filter, stage: Stage, page: int | None) -> Board:
    """Return the board of one stage with one page of its lines, the last one where there are fewer; None returns all
    lines."""
    narrowed = replace(asked, stage=stage)
    portfolio = stored.portfolio(conn)
    count, stalled = stored.stage_counts(conn, narrowed, portfolio).get(stage, NONE)
    pages = max(-(-count // MOST_LINES), 1) if page else 1
    shown = min(max(page or 1, 1), pages)
    most, after = (MOST_LINES, (shown - 1) * MOST_LINES) if page else (None, 0)
    lines = _add_titles(conn, stored.lines(conn, narrowed, portfolio, most, after))
    column = Column(stage=stage, lines=lines, count=count, stalled=stalled)
    return Board(asked=narrowed, portfolio=portfolio, columns=[column], page=shown, pages=pages)


def _add_titles(conn: "Connection", lines: Sequence[dict[str, Any]]) -> Sequence[Line]:
    """Add ``next_title`` to the lines."""
    kept = key_values.kept_playbooks(conn, sorted({line["playbook"] for line in lines}))
    titles = {version: step_titles(content) for version, content in kept.items()}
    for line in lines:
        step = line["next_touchpoint"]
        line["next_title"] = titles.get(line["playbook"], {}).get(step) or name_words(step) if step else ""
    return lines


@lru_cache(maxsize=VERSIONS)
def step_titles(content: str) -> Mapping[str, str]:
    """Return the titles of the steps of a stored playbook by their names."""
    return {step.name: step.title for step in put_together(content).steps}
