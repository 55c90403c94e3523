"""Makes a function of this room a Prefect task run inside a flow run, and leaves it a plain call elsewhere.

Prefect is looked at only where it is already loaded: the command line stays quick, ``--plain`` needs no engine.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


def task_run(name: str) -> Callable[[Callable[Args, Result]], Callable[Args, Result]]:
    """Decorate a task of this room with the name that ops see in Prefect.

    No retries, no cache and no stored result: a repeat is made harmless by the effects table, not by Prefect,
    and a cached result would swallow a send.
    """

    def decorate(function: Callable[Args, Result]) -> Callable[Args, Result]:
        @wraps(function)
        def call(*args: Args.args, **kwargs: Args.kwargs) -> Result:
            if not _inside_flow_run():
                return function(*args, **kwargs)
            from prefect import task
            from prefect.cache_policies import NO_CACHE

            as_task = task(name=name, cache_policy=NO_CACHE, persist_result=False)(function)
            return as_task(*args, **kwargs)

        return call

    return decorate


def _inside_flow_run() -> bool:
    if "prefect.context" not in sys.modules:
        return False
    from prefect.context import FlowRunContext, TaskRunContext

    return FlowRunContext.get() is not None and TaskRunContext.get() is None
