"""All benchmarks in turn, each in a process of its own; one table of their figures, kept in ``benchmarks/RESULTS.md``.

    python -m benchmarks [--large] [name ...]

Some fifteen minutes on two idle cores, most of an hour with ``--large``, whose sizes are those of the goals. With names
only those run, and the kept table stays as it is.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter

from benchmarks.results import KEPT, Result, as_markdown, rows_of, summary

RUNS = (
    ("looking", "", ""),
    ("reviewing", "sqlite 20000 500", "sqlite 1000000 10000"),
    ("reviewing", "postgres 5000 250", "postgres 100000 1000"),
    ("intake", "5000 csv sqlite", "100000 csv sqlite"),
    ("intake", "2000 csv postgres", "100000 csv postgres"),
    ("intake", "2000 salesforce sqlite", "100000 salesforce sqlite"),
    ("first_cycle", "250 500", "250 1000 5000"),
    ("simulating", "120", "120"),
    ("growth", "sqlite 10000 100000 500", "sqlite 10000 1000000 1000"),
    ("growth", "postgres 5000 50000 500", "postgres 10000 300000 1000"),
    ("memory", "4000", "20000"),
    ("delivery", "", ""),
    ("mail", "", ""),
    ("recovery", "", ""),
    ("board", "10000", "10000"),
    ("signals", "200000 sqlite", "1000000 sqlite"),
    ("signals", "200000 postgresql", "1000000 postgresql"),
    ("naive", "100", "1000"),
    ("topology", "100 4", "1000 10"),
)
"""Each module, its arguments, and those for the large sizes."""
LARGE = "--large"


def main(given: list[str]) -> int:
    """Run, print and keep; return 1 where a benchmark itself failed, 2 for a name that is none."""
    known, names = {name for name, _, _ in RUNS}, set(given) - {LARGE}
    if unknown := sorted(names - known):
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        return 2
    sized = [(name, large if LARGE in given else usual) for name, usual, large in RUNS]
    results = [_result(name, sizes.split()) for name, sizes in sized if not names or name in names]
    print(f"\n{summary(row for result in results for row in rows_of(result))}")
    if not names:
        KEPT.write_text(as_markdown(results, datetime.now(UTC).date()) + "\n", encoding="utf-8")
        print(f"kept in {KEPT}")
    return int(any(result.ended for result in results))


def _result(module: str, arguments: Sequence[str]) -> Result:
    """Run one benchmark, showing what it prints as it comes."""
    name, load, started = " ".join((module, *arguments)), os.getloadavg()[0], perf_counter()
    print(f"== {name}", flush=True)
    command = [sys.executable, "-u", "-m", f"benchmarks.{module}", *arguments]
    lines = []
    quiet = os.environ | {"PREFECT_LOGGING_LEVEL": "ERROR"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return Result(name, lines, perf_counter() - started, load, process.returncode)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
