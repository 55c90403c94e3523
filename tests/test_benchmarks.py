"""What ``make bench`` keeps: each figure that has a goal with its verdict, and a benchmark that failed as such."""

from datetime import date
from importlib.util import find_spec

import pytest

from benchmarks.__main__ import RUNS, main
from benchmarks.results import Result, Row, as_markdown, rows_of, summary

LOOKING = Result("looking", ["import sqlmodel: 300 ms\n", "status: 1.0 times that (goal <= 1.4) ok\n"], 12.3, 0.4)
BOARD = Result("board 10000", ["  a | b: 2.1 times (goal <= 1.6) MISSED\n", "  alone (goal 3)\n"], 4, 2.5)
BROKEN = Result("mail", ["1 connection: 9 mails/s (goal >= 8) ok\n"], 1, 0, ended=1)


def test_a_figure_with_a_goal_is_a_row_and_a_benchmark_that_failed_has_no_figure() -> None:
    assert rows_of(LOOKING) == [Row("looking", "status: 1.0 times that (goal <= 1.4)", "ok")]
    assert rows_of(BOARD)[1] == Row("board 10000", "alone (goal 3)", "")
    assert rows_of(BROKEN) == [Row("mail", "failed with exit code 1", "FAILED")]
    assert rows_of(Result("dependencies", ["42 MB\n"], 1, 0))[0].verdict == ""


def test_the_page_tells_machine_day_figures_times_and_what_was_missed() -> None:
    page = as_markdown([LOOKING, BOARD, BROKEN], date(2026, 3, 2))
    assert "2 March 2026, on " in page
    assert "| looking | status: 1.0 times that (goal <= 1.4) | ok |" in page
    assert "| board 10000 | a / b: 2.1 times (goal <= 1.6) | MISSED |" in page
    assert "| board 10000 | 4 | 2.5 |" in page
    assert page.endswith("Goals met: 1. Missed or failed: board 10000, mail.")
    assert summary(rows_of(LOOKING)) == "Goals met: 1. Missed or failed: none."


def test_all_benchmarks_are_there_and_an_unknown_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert all(find_spec(f"benchmarks.{name}") for name, _, _ in RUNS)
    assert main(["bord"]) == 2
    assert "no benchmark bord; there are board, " in capsys.readouterr().out
