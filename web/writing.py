"""Threads for requests that write: few, so that pages that only read find a thread and a connection at once.

One writer at a time is all that SQLite has, and a writer that waits for another holds its thread meanwhile.
"""

from asyncio import Semaphore
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

T = TypeVar("T")

WRITERS = 4
"""Writing requests at once. Our choice: PostgreSQL has eight connections a process, of which readers keep half."""
HOOKS = 1
"""Webhook requests at once: they are long, and their senders can wait."""
MAILERS = 1
"""Deliveries at once, besides the writers: a mail server may take minutes, and most of that time writes nothing."""


class Writers:
    """The places of one application."""

    def __init__(self) -> None:
        self.forms, self.hooks, self.mails = Semaphore(WRITERS - HOOKS), Semaphore(HOOKS), Semaphore(MAILERS)


async def write_in_thread(request: Request, function: Callable[..., T], *args: Any, **more: Any) -> T:
    """Return the result of a function that writes, called in a thread when a place is free."""
    async with request.app.state.writers.forms:
        return await run_in_threadpool(function, *args, **more)


async def take_in_thread(request: Request, function: Callable[..., T], *args: Any) -> T:
    """Return the result of a function that takes in a webhook's request, called in a thread when its turn comes."""
    async with request.app.state.writers.hooks:
        return await run_in_threadpool(function, *args)


async def mail_in_thread(request: Request, function: Callable[..., T], *args: Any) -> T:
    """Return the result of a function that delivers, called in a thread when its turn comes; no form waits for it."""
    async with request.app.state.writers.mails:
        return await run_in_threadpool(function, *args)
