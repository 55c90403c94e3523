"""How a command hands a person's word to the desk, and says what came of it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from cli.opening import working
from cli.options import Unusable
from cli.printing import console, text

if TYPE_CHECKING:
    from tasks.runtime.context import RunContext


@contextmanager
def at_the_desk() -> "Iterator[tuple[RunContext, datetime]]":
    """The run context, and the moment for which a person's word counts. Raises what opening it raises."""
    from tasks.runtime.clock import present

    with working() as context:
        yield context, present(context)


def tell(said: str) -> None:
    """What came of it, in a sentence."""
    console().print(text(said))


def report(verb: str, asked: Sequence[str], done: Collection[str]) -> None:
    """Which effects it was done to. Raises Unusable where it fitted none of them."""
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
