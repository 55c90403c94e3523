"""Opens what a person's command or report needs, and prints its result."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from cli.opening import run_context
from cli.options import Unusable
from cli.printing import console, text

if TYPE_CHECKING:
    from onboarding.orders import FactReport, Order
    from tasks.runtime.context import RunContext


@contextmanager
def ordered(by: str, reason: str = "") -> "Iterator[tuple[RunContext, Order]]":
    """Yield the run context and the person's order, which counts from now. Raises what opening the context raises."""
    from onboarding.orders import Order
    from tasks.runtime.clock import present

    with run_context() as context:
        yield context, Order(by=by, now=present(context), reason=reason)


@contextmanager
def reported(by: str, at: datetime | None) -> "Iterator[tuple[RunContext, FactReport]]":
    """Yield the run context and the report of what happened at ``at``. Raises what opening the context raises."""
    from onboarding.orders import FactReport
    from tasks.runtime.clock import present

    with run_context() as context:
        yield context, FactReport(by=by, now=present(context), at=at)


def tell(said: str) -> None:
    """Print a sentence for the person."""
    console().print(text(said))


def report(verb: str, asked: Sequence[str], done: Collection[str]) -> None:
    """Print which effects were changed. Raises Unusable where none could be."""
    left = [key for key in asked if key not in done]
    for key in asked:
        if key in done:
            tell(f"{verb}: {key}")
    if left and not done:
        raise Unusable(
            f"no effect could be {verb.removeprefix('will be ')}: {', '.join(left)}; `first90 effects` lists ids and "
            "states"
        )
    for key in left:
        tell(f"left as it was: {key} (no such effect, or its state does not allow it)")
