"""What a page of the board costs with many onboardings, against reading their summaries from JSON alone.

    python -m benchmarks.board [onboardings]

Goals, in processor time of this program: a page takes at most a third of the floor, which is one statement for all
summaries with ``json.loads`` of each, as a page did that parsed what it does not show; and 60 ms, whatever else runs on
the machine. Beside it the time on the clock, in which PostgreSQL counts and sorts.
"""

import json
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import select, text

from benchmarks.model_onboarding import NOW
from benchmarks.portfolio import build, databases
from database.engine import Database
from database.tables import OnboardingRow
from onboarding.board.portfolio import Attention, Filter
from onboarding.model.vocabulary import Stage
from tasks.views.board import stage_board, whole_board
from web.board.addresses import Served
from web.board.pages import board_page, stage_page

ROUNDS = 7
GOAL = 1 / 3
"""Times the floor."""
MOST = 60
"""Milliseconds."""
VARIED = (
    "UPDATE board_line SET owner = 'csm' || substr(onboarding_key, 13, 2) || '@vendor.example'",
    "UPDATE board_line SET stage = 'kickoff' WHERE substr(onboarding_key, 15, 1) IN ('1', '2', '3')",
    "UPDATE board_line SET stage = 'training' WHERE substr(onboarding_key, 15, 1) IN ('4', '5')",
)
"""The copies of one onboarding in several stages, with a hundred owners."""


def main(size: int) -> None:
    """Make a portfolio, measure and print."""
    for kind in ("sqlite", "postgres"):
        with databases(kind) as database:
            build(database, size, due=10, thin=True)
            with database.writing() as conn:
                for statement in VARIED:
                    conn.execute(text(statement))
            floor, _ = _cost(lambda: _floor(database))
            print(f"{kind}: {size} summaries read from JSON: {floor:.0f} ms of processor time")
            asked = {
                "board": Filter(),
                "stalled ones": Filter(attention=Attention.STALLED),
                "of one owner": Filter(owner="CSM07@vendor.example"),
                "by a name": Filter(text="7"),
                "second page of a stage": Filter(stage=Stage.SETUP),
                "second page, filtered": Filter(stage=Stage.SETUP, text="7"),
            }
            for name, wanted in asked.items():
                took, waited = _cost(lambda wanted=wanted: _page(database, wanted))
                told = f"{name}: {took:.0f} ms, {took / floor:.2f} times that (goals <= {GOAL:.2f}, {MOST} ms)"
                kept = took <= GOAL * floor and took <= MOST
                print(f"  {told} {'ok' if kept else 'MISSED'}; {waited:.0f} ms on the clock")


def _floor(database: Database) -> list[object]:
    with database.reading() as conn:
        return [json.loads(summary) for summary in conn.execute(select(OnboardingRow.summary)).scalars() if summary]


def _page(database: Database, asked: Filter) -> str:
    with database.reading() as conn:
        if asked.stage is not None:
            return stage_page(stage_board(conn, asked, asked.stage, page=2), Served(), NOW)
        return board_page(whole_board(conn, asked), Served(), NOW)


def _cost(work: Callable[[], object]) -> tuple[float, float]:
    """Return the median processor time and the median time on the clock in milliseconds, without the first round, which
    compiles templates and statements."""
    times, clock = [], []
    for _ in range(ROUNDS + 1):
        began, began_at = process_time(), perf_counter()
        work()
        times.append(1000 * (process_time() - began))
        clock.append(1000 * (perf_counter() - began_at))
    return median(times[1:]), median(clock[1:])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
