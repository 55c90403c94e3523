"""Who acts now, so that each line of the journal under their name also says how they are known."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOBODY: Mapping[str, str] = MappingProxyType({})
_known: ContextVar[Mapping[str, str]] = ContextVar("first90_known", default=_NOBODY)


@contextmanager
def acting(known: Mapping[str, str]) -> Iterator[None]:
    """Let lines of the journal say how these people are known, by name, until the end of the block.

    For this thread alone: ``with acting({"jo@example.com": "Slack U0123"})``.
    """
    token = _known.set({**_known.get(), **known})
    try:
        yield
    finally:
        _known.reset(token)


def how_known(name: str) -> str:
    """Return how the person of this name is known; empty where nobody of that name acts, as for a flow."""
    return _known.get().get(name, "")
