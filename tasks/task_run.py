"""Makes a function of this room a Prefect task run inside a flow run, and leaves it a plain call elsewhere.

Prefect is looked at only where it is already loaded: the command line stays quick, ``--plain`` needs no engine.
"""

import sys
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


def task_run(name: str) -> Callable[[Callable[Args, Result]], Callable[Args, Result]]:
    """Decorate a task of this room with the name that ops see in Prefect.

    No retries, no cache and no stored result: a repeat is made harmless by the effects table, not by Prefect,
    and a cached result would swallow a send. A word of ours among the arguments (a channel) shows in the run's name.
    """

    def decorate(function: Callable[Args, Result]) -> Callable[Args, Result]:
        @wraps(function)
        def call(*args: Args.args, **kwargs: Args.kwargs) -> Result:
            if not _inside_flow_run():
                return function(*args, **kwargs)
            from prefect import task
            from prefect.cache_policies import NO_CACHE

            # Prefect walks through a task's arguments, twice: with a whole workplace among them that is most of the
            # cost of an empty sweep. So the task has none.
            def work() -> Result:
                return function(*args, **kwargs)

            words = [word.value for word in args if isinstance(word, StrEnum)]
            as_task = task(
                name=name,
                task_run_name="-".join([name, *words]),
                description=function.__doc__,
                cache_policy=NO_CACHE,
                persist_result=False,
            )
            return as_task(work)()

        return call

    return decorate


def _inside_flow_run() -> bool:
    if "prefect.context" not in sys.modules:
        return False
    from prefect.context import FlowRunContext, TaskRunContext

    return FlowRunContext.get() is not None and TaskRunContext.get() is None
