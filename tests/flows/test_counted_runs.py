"""What monitoring counts of a run: each sweep once, and as failed where its tasks did not come to their end."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import load_settings
from flows import run as flow_runs
from flows.escalate_stalled import escalate_stalled
from flows.options import FlowOptions
from tasks.monitoring.tally import Sweeps, read_tally
from tasks.prefect_tasks import write_digests
from tasks.runtime.context import open_run_context


class Broken(RuntimeError):
    """What a part raises that does not work."""


def counted() -> Sweeps:
    with open_run_context(load_settings()) as context, context.database.reading() as conn:
        return read_tally(conn).sweeps[escalate_stalled.name]


@pytest.fixture
def breaks(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], None]:
    """Return a function that makes a part raise."""

    def broken(*_: object, **__: object) -> None:
        raise Broken("this does not work")

    with open_run_context(load_settings()):
        pass
    return lambda where, name: monkeypatch.setattr(where, name, broken)


def fails_and_is_counted_so(run: Callable[[FlowOptions], object]) -> None:
    for runs in (1, 2):
        with pytest.raises(Broken):
            run(FlowOptions())
        found = counted()
        assert (found.runs, found.failed, found.succeeded_at) == (runs, runs, 0)
        assert found.ended_at > 0


def test_a_run_whose_task_raises_is_counted_as_failed_and_raises_on(breaks: Callable[[Any, str], None]) -> None:
    breaks(write_digests, "fn")
    fails_and_is_counted_so(escalate_stalled.fn)


@pytest.mark.prefect
@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
def test_so_is_a_flow_run_of_prefect(breaks: Callable[[Any, str], None]) -> None:
    breaks(write_digests, "fn")
    fails_and_is_counted_so(escalate_stalled)


@pytest.mark.parametrize("form", [{"dry_run": True}, {"accounts": ("Acme",)}])
def test_a_rehearsal_and_a_run_of_named_accounts_that_raise_count_as_no_sweep(
    form: dict[str, Any], breaks: Callable[[Any, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    escalate_stalled.fn(FlowOptions())
    breaks(write_digests, "fn")
    monkeypatch.setattr(flow_runs, "accounts_meant", lambda context, names: frozenset(names))
    with pytest.raises(Broken):
        escalate_stalled.fn(FlowOptions(**form))
    assert (counted().runs, counted().failed) == (1, 0)


@pytest.mark.prefect
@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
def test_a_run_is_counted_once_and_by_its_tasks_where_its_artifact_cannot_be_kept(
    breaks: Callable[[Any, str], None], sample_moment: datetime
) -> None:
    breaks(flow_runs, "create_markdown_artifact")
    with pytest.raises(Broken):
        escalate_stalled(FlowOptions(as_of=sample_moment))
    found = counted()
    assert (found.runs, found.failed) == (1, 0)
    assert found.succeeded_at == found.ended_at > 0
