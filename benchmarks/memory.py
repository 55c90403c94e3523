"""Memory while many onboardings are due: batches are streamed, so it must not grow with their number (P11).

    python -m benchmarks.memory [due]

Goal: at most 60 MB above idle while reviewing 100,000 due (default here: 20,000, as the rules take milliseconds each;
only the list of keys grows with the number). Idle is what the process holds after a first batch.
"""

import resource
import sys
from pathlib import Path

from benchmarks.model_onboarding import NOW
from benchmarks.portfolio import BATCH, build, databases, review_batch
from database.onboardings import cases
from onboarding.model.vocabulary import Concern

GOAL = 60


def main(due: int) -> None:
    """Build, measure and print."""
    with databases("sqlite") as database:
        library = build(database, due + 1_000, due, thin=True)
        with database.reading() as conn:
            first = cases.due_keys(conn, Concern.STAGES, NOW)[:BATCH]
        review_batch(database, library, first, NOW)
        idle = _resident()
        with database.reading() as conn:
            keys = cases.due_keys(conn, Concern.STAGES, NOW)
        most = idle
        for start in range(0, len(keys), BATCH):
            review_batch(database, library, keys[start : start + BATCH], NOW)
            most = max(most, _resident())
        above = most - idle
        print(f"{len(keys):,} due: {above:.0f} MB above idle ({idle:.0f} MB) (goal <= {GOAL})", end=" ")
        print("ok" if above <= GOAL else "MISSED")


def _resident() -> float:
    """Return the resident memory of this process, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
