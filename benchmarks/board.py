"""What a page of the board costs with many onboardings, against reading their summaries from JSON alone.

    python -m benchmarks.board [onboardings]

Goal, in processor time: at most 1.6 times the floor, which is one statement for all summaries with ``json.loads`` of
each. On a quiet machine 10,000 onboardings then take less than 200 ms a page; where the machine is busy the
milliseconds say little.
"""

import json
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time

from sqlalchemy import select

from benchmarks.model_onboarding import NOW
from benchmarks.portfolio import build, databases
from database.engine import Database
from database.tables import OnboardingRow
from onboarding.board.portfolio import Attention, Filter, Line
from onboarding.model.vocabulary import Stage
from tasks.views.board_lines import board_lines
from web.board.addresses import Served
from web.board.pages import board_page, stage_page

ROUNDS = 7
GOAL = 1.6
"""Times the floor."""


def main(size: int) -> None:
    """Make a portfolio, measure and print."""
    for kind in ("sqlite", "postgres"):
        with databases(kind) as database:
            build(database, size, due=10, thin=True)
            floor = _cost(lambda: _floor(database))
            print(f"{kind}: {size} summaries read from JSON: {floor:.0f} ms of processor time")
            pages = {
                "board": lambda: board_page(_lines(database), Filter(), Served(), NOW),
                "filtered": lambda: board_page(_lines(database), Filter(attention=Attention.STALLED), Served(), NOW),
                "stage": lambda: stage_page(_lines(database), Filter(stage=Stage.SETUP), Served(), NOW, page=2),
            }
            for name, page in pages.items():
                took = _cost(page)
                told = f"{name}: {took:.0f} ms, {took / floor:.2f} times that (goal <= {GOAL})"
                print(f"  {told} {'ok' if took <= GOAL * floor else 'MISSED'}")


def _floor(database: Database) -> list[object]:
    with database.reading() as conn:
        return [json.loads(summary) for summary in conn.execute(select(OnboardingRow.summary)).scalars() if summary]


def _lines(database: Database) -> Sequence[Line]:
    with database.reading() as conn:
        found = board_lines(conn)
    if not found:
        raise RuntimeError("the portfolio has no line")
    return found


def _cost(work: Callable[[], object]) -> float:
    """Return the median processor time in milliseconds, without the first round, which compiles templates."""
    times = []
    for _ in range(ROUNDS + 1):
        began = process_time()
        work()
        times.append(1000 * (process_time() - began))
    return median(times[1:])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
