"""One flow run for each account with a task for each of its steps, against first90's sweeps over all of them.

    python -m benchmarks.naive [accounts]

The other design is the obvious one on Prefect. Its flows and tasks do nothing at all here, so that its time is
Prefect's alone; the first cycle of first90 beside it decides, mails, posts and writes the rows of as many fresh
accounts, by its own flow runs. Both run on one private Prefect server on SQLite. Goal: the whole cycle takes at most a
tenth of the empty runs' time, from 100 accounts on; fewer do not outweigh what a cycle costs at all.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from prefect import flow, task
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, PREFECT_LOGGING_LEVEL, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from benchmarks.first_cycle import NOW, write_folder
from config.settings.load import load_settings
from flows.cycle import Cycle, run_cycle
from tasks.runtime.context import open_run_context

STEPS = 10
"""A customer's day as tasks: read, review, two mails, two messages, four writes to the CRM."""
GOAL = 0.1


@task
def step(account: int, number: int) -> None:
    """Do nothing."""


@flow
def one_account(account: int) -> None:
    """Run the steps of one account."""
    for number in range(STEPS):
        step(account, number)


@flow
def every_account(accounts: int) -> None:
    """Run a flow for each account."""
    for account in range(accounts):
        one_account(account)


def main(accounts: int) -> None:
    """Measure both and print."""
    with TemporaryDirectory(prefix="first90-benchmark-") as home, _server():
        os.environ |= {"FIRST90_HOME": home, "FIRST90_CRM": f"csv:{Path(home) / 'export'}"}
        write_folder(Path(home) / "export", accounts)
        ours = _seconds(_cycle)
        naive = _seconds(lambda: every_account(accounts))
    print(f"{accounts:,} flow runs with {STEPS} tasks each, which do nothing: {naive:.1f} s")
    verdict = "ok" if ours <= GOAL * naive else "MISSED"
    told = f"the whole first cycle of as many accounts: {ours:.1f} s, {ours / naive:.3f} times that"
    print(f"{told} (goal <= {GOAL}) {verdict}")


@contextmanager
def _server() -> Iterator[None]:
    """Serve Prefect on a database of its own, and let no run of either design beat its heart: that is a second each."""
    quiet = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_LOGGING_LEVEL: "ERROR"}
    with prefect_test_harness(server_startup_timeout=120), temporary_settings(quiet):
        yield


def _cycle() -> None:
    with open_run_context(load_settings(env_file=None)) as context:
        report = run_cycle(context, Cycle(as_of=NOW), lambda _: None)
    if report.failures or report.undelivered:
        raise RuntimeError(f"the cycle was not clean: {report.failures[:3]}")


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
