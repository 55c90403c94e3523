"""The tasks that flows call are Prefect's own: named and described for ops, never repeated, cached or stored by it."""

import pytest
from prefect import Task
from prefect.cache_policies import NO_CACHE

from onboarding.model.vocabulary import STAGES
from tasks import prefect_tasks

TASKS = {task.name: task for task in vars(prefect_tasks).values() if isinstance(task, Task)}


def test_the_five_stages_are_tasks_in_their_order() -> None:
    assert [task.name for task in prefect_tasks.STAGE_TASKS] == [
        "1-handoff",
        "2-kickoff",
        "3-setup",
        "4-training",
        "5-first-value",
    ]
    assert [task.name[2:].replace("-", "_") for task in prefect_tasks.STAGE_TASKS] == list(STAGES)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_described_and_never_repeated_cached_or_stored(name: str) -> None:
    task = TASKS[name]
    assert task.description
    assert task.description.endswith(".")
    assert (task.retries, task.cache_policy, task.persist_result) == (0, NO_CACHE, False)


def test_no_two_tasks_share_a_name() -> None:
    assert len(TASKS) == len([task for task in vars(prefect_tasks).values() if isinstance(task, Task)]) == 14
