"""What a command that looks costs, against importing SQLModel, which all but ``--help`` must.

    python -m benchmarks.looking [rounds]

Goal, in processor time (user and system) of the whole process: ``--help`` at most 0.6 times, ``status`` and ``show``
at most 1.4 times, ``explain`` at most 1.8 times ``python -c "import sqlmodel"``. All are started in turn and the median
counts; where the machine is busy with something else the ratios say little. The portfolio is the sample after a cycle.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from compileall import compile_dir
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

PROJECT = Path(__file__).resolve().parent.parent
FIRST90 = ("-c", "from cli.main import main; main()")
FLOOR = ("-c", "import sqlmodel")
GOALS = {"--help": 0.6, "status": 1.4, "show": 1.4, "explain": 1.8}
"""Times the floor."""
ROOMS = ("cli", "config", "database", "onboarding", "tasks")


def main(rounds: int) -> None:
    """Make a portfolio, measure and print."""
    for room in ROOMS:  # as `make` does once it has installed: nothing may be compiled while it is measured
        compile_dir(PROJECT / room, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _run(home, (*FIRST90, "run", "--plain", "--as-of", _run(home, (*FIRST90, "sample")).split()[-1]))
        account = json.loads(_run(home, (*FIRST90, "status", "--json")))[0]["account_name"]
        commands = {name: (*FIRST90, name, *([account] if name in ("show", "explain") else [])) for name in GOALS}
        took: dict[str, list[float]] = {name: [] for name in ("floor", *commands)}
        for _ in range(rounds):
            for name, arguments in {"floor": FLOOR, **commands}.items():
                took[name].append(measure(home, arguments))
    floor = median(took["floor"])
    print(f"import sqlmodel: {floor * 1000:.0f} ms of processor time")
    for name, goal in GOALS.items():
        ratio = median(took[name]) / floor
        told = f"{name}: {median(took[name]) * 1000:.0f} ms, {ratio:.2f} times that"
        print(f"{told} (goal <= {goal}) {'ok' if ratio <= goal else 'MISSED'}")


def measure(home: Path, arguments: Sequence[str]) -> float:
    """Return the seconds of processor time that a Python process with these arguments takes."""
    before = getrusage(RUSAGE_CHILDREN)
    _run(home, arguments)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _run(home: Path, arguments: Sequence[str]) -> str:
    given = {name: value for name, value in os.environ.items() if not name.startswith("FIRST90_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**given, "FIRST90_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
