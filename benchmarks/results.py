"""The table of results: the lines of a benchmark that name a goal, with the machine, the day and how busy it was."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

KEPT = Path(__file__).with_name("RESULTS.md")
VERDICTS = ("ok", "MISSED")


class Result(NamedTuple):
    """What one benchmark printed, the seconds that it took, and the load of the machine when it began."""

    name: str
    lines: Sequence[str]
    seconds: float
    load: float
    ended: int = 0
    """The exit code of its process."""


class Row(NamedTuple):
    """One figure beside its goal."""

    name: str
    figure: str
    verdict: str


def rows_of(result: Result) -> list[Row]:
    """Return the figures that have a goal; one row that says so where the benchmark itself failed or told none."""
    if result.ended:
        return [Row(result.name, f"failed with exit code {result.ended}", "FAILED")]
    told = [line.strip() for line in result.lines if "goal" in line]
    return [_row(result.name, line) for line in told] or [Row(result.name, "no figure has a goal", "")]


def as_markdown(results: Sequence[Result], day: date) -> str:
    """Return the whole page: where and when, one table of all figures, and what each benchmark took."""
    rows = [row for result in results for row in rows_of(result)]
    return "\n\n".join(
        (
            "# Results of the benchmarks",
            f"{day:%-d %B %Y}, on {machine()}. Made by `make bench`; what each figure means stands at the head of its "
            "module. Ratios are to a floor of the same run; where the load was above 1 when a benchmark began, its "
            "milliseconds and rates say little.",
            _table(("benchmark", "figure and goal", ""), rows),
            _table(
                ("benchmark", "seconds", "load at its begin"),
                [(one.name, f"{one.seconds:.0f}", f"{one.load:.1f}") for one in results],
            ),
            summary(rows),
        )
    )


def summary(rows: Iterable[Row]) -> str:
    """Return in a sentence how many goals are met and which benchmarks miss one."""
    found = list(rows)
    met = sum(row.verdict == "ok" for row in found)
    missed = sorted({row.name for row in found if row.verdict not in ("ok", "")})
    return f"Goals met: {met}. Missed or failed: {', '.join(missed) or 'none'}."


def machine() -> str:
    """Return the processor, how many of it, the memory, the system and Python's version."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{os.cpu_count()} x {_processor()}, {gigabytes:.0f} GB, {system}, Python {platform.python_version()}"


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    named = cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []
    models = (line.partition(":")[2].strip() for line in named if line.startswith("model name"))
    return next(models, "") or platform.machine()


def _row(name: str, line: str) -> Row:
    figure, _, last = line.rpartition(" ")
    return Row(name, figure, last) if last in VERDICTS else Row(name, line, "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
