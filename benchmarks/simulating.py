"""What 120 simulated days of the sample cost, against importing SQLModel in a process of its own.

    python -m benchmarks.simulating [days]

Both are whole processes, measured in processor time (user and system), so that the ratio tells about the program and
not about the machine. Goal: at most 28 times the floor, some 8 s on a quiet machine. MISSED since causes have ladders
of their own: every climb and each piece of news is a moment of its own, and so a review more.

The 4,481 reviews of the sample were 2,169 once an onboarding that is over was no longer looked at each day, and a sent
message about a stall brought none: 18 s beside 28 in the same minutes. Ladders and tracks made 2,660 of them; 2,480 are
left since a message that proves nothing brings none either. Two thirds of the time go to reviews, a tenth each to
delivery and digests. 321 of the reviews are hourly looks for usage that has not arrived: live runs look then too, and
what a look sees of the health is kept.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.looking import FIRST90, FLOOR, measure

GOAL = 28
"""Times the floor, for 120 days."""


def main(days: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home, out = Path(folder) / "home", Path(folder) / "out"
        measure(home, (*FIRST90, "sample"))
        floor = min(measure(home, FLOOR) for _ in range(5))
        took = measure(home, (*FIRST90, "simulate", "--days", str(days), "--out", str(out)))
    ratio, goal = took / floor, GOAL * days / 120
    print(f"import sqlmodel: {floor * 1000:.0f} ms of processor time")
    verdict = "ok" if ratio <= goal else "MISSED"
    print(f"{days} days: {took:.1f} s, {ratio:.0f} times that (goal <= {goal:.0f}) {verdict}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)
